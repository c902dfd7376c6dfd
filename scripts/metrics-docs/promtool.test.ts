import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { alerts, alertTests, PROMETHEUS } from "./rule-files.ts";

/** Days of samples are gone through for some. */
const TIMEOUT_MS = 120_000;

/** @throws with what promtool said. */
const promtool = (...args: readonly string[]): void => {
  try {
    execFileSync("promtool", args, { cwd: fileURLToPath(PROMETHEUS), encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`promtool ${args.join(" ")}:\n${stdout}${stderr}`);
  }
};

const fileOf = (alert: string): string =>
  `${alert.replaceAll(/(?<!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase()}.test.yaml`;

describe("the alerts' tests", () => {
  it("are there for each alert, and for no others", () => {
    expect(alertTests.toSorted()).toEqual(alerts.map(({ alert }) => fileOf(alert)).sort());
  });
});

/** As in other tests of programs that a machine may lack: said in the title, and `.ci/run` installs it. */
const isInstalled = (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, "promtool")));
const without = isInstalled
  ? ""
  : ` (NOT TESTED: there is no promtool on the PATH; Debian: apt install --no-install-recommends prometheus)`;

describe.skipIf(!isInstalled)(`promtool${without}`, () => {
  it("takes the configuration with its rules", { timeout: TIMEOUT_MS }, () => {
    promtool("check", "config", "prometheus.yml");
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
