import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { alerts, alertTests, PROMETHEUS } from "./rule-files.ts";

/** Days of samples are gone through for some. */
const TIMEOUT_MS = 120_000;

/** @throws with what promtool said, or with how to get it. */
const promtool = (...args: readonly string[]): void => {
  try {
    execFileSync("promtool", args, { cwd: fileURLToPath(PROMETHEUS), encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT")
      throw new Error("There is no promtool on the PATH. Debian: apt install --no-install-recommends prometheus");
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`promtool ${args.join(" ")}:\n${stdout}${stderr}`);
  }
};

const fileOf = (alert: string): string =>
  `${alert.replaceAll(/(?<!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase()}.test.yaml`;

describe("promtool", () => {
  it("takes the configuration with its rules", { timeout: TIMEOUT_MS }, () => {
    promtool("check", "config", "prometheus.yml");
  });

  it("has a test for each alert, and none for others", () => {
    expect(alertTests.toSorted()).toEqual(alerts.map(({ alert }) => fileOf(alert)).sort());
  });

  it.each(alerts.map(({ alert }) => alert))(
    "sees %s fire when it must, and be silent when it must not",
    {
      timeout: TIMEOUT_MS,
    },
    (alert) => {
      const file = `tests/${fileOf(alert)}`;
      const text = readFileSync(new URL(file, PROMETHEUS), "utf8");
      const asked = text.match(/expr: ALERTS\{alertname="(\w+)",alertstate="firing"\}/g) ?? [];
      expect(new Set(asked)).toEqual(new Set([`expr: ALERTS{alertname="${alert}",alertstate="firing"}`]));
      expect(text).toContain("exp_samples: []");
      expect(text).toContain("value: 1");
      promtool("test", "rules", file);
    },
  );
});
