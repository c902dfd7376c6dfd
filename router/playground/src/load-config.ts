import { type PlaygroundConfig, parseConfig } from "./config.ts";

export type LoadedConfig =
  | { kind: "loaded"; config: PlaygroundConfig }
  | { kind: "failed"; reason: string; details: readonly string[] };

/** Beside the page, wherever that is served. */
const configUrl = new URL("playground/config.json", document.baseURI);

export async function loadConfig(): Promise<LoadedConfig> {
  let response: Response;
  let body: string;
  try {
    response = await fetch(configUrl, { headers: { accept: "application/json" }, cache: "no-store" });
    body = await response.text();
  } catch (error) {
    return failed("The server cannot be reached.", [String(error)]);
  }
  if (!response.ok) return failed(`The server answered ${response.status} ${response.statusText}.`, [excerpt(body)]);
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return failed("The server answered with something that is not JSON.", [excerpt(body)]);
  }
  const parsed = parseConfig(json);
  if (parsed.kind === "invalid")
    return failed("The configuration is not as the playground expects it.", parsed.problems);
  const endpoint = URL.parse(parsed.config.endpoint, document.baseURI);
  if (endpoint?.origin !== location.origin) {
    return failed("The configured endpoint is on another origin, which the playground may not call.", [
      parsed.config.endpoint,
    ]);
  }
  return { kind: "loaded", config: { ...parsed.config, endpoint: endpoint.href } };
}

const failed = (reason: string, details: readonly string[]): LoadedConfig => ({
  kind: "failed",
  reason,
  details: details.filter((detail) => detail !== ""),
});

const excerpt = (body: string): string => (body.length > 300 ? `${body.slice(0, 300)}…` : body).trim();
