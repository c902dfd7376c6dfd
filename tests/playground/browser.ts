import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";

/** Debian's Chromium, which `.ci/run` installs. */
const chromiumPath = "/usr/bin/chromium";

/** Null where it can run; else why not, to be said loudly. */
export const whyNoBrowser = (): string | null =>
  existsSync(chromiumPath)
    ? null
    : `NOT TESTED: the playground. ${chromiumPath} is missing; install Debian's package "chromium".`;

/** A browser that reaches this machine and nothing else. */
export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: chromiumPath,
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
    ],
  });

/**
 * Collects what must never happen on the page: a request to another host, an answer of 400 or more, an error on the
 * console (a violated Content-Security-Policy is one) or an exception. A failed request alone is not one: stopping a
 * stream looks the same.
 */
export function watchForProblems(page: Page, baseUrl: string): string[] {
  const problems: string[] = [];
  const { host } = new URL(baseUrl);
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol !== "data:" && url.protocol !== "blob:" && url.host !== host) {
      problems.push(`request to another host: ${request.url()}`);
    }
  });
  page.on("response", (response) => {
    if (response.status() >= 400) problems.push(`HTTP ${response.status()}: ${response.url()}`);
  });
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => problems.push(`exception: ${error.stack ?? error.message}`));
  return problems;
}
