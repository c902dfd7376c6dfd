import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { SAGAS } from "../testing/saga-states.ts";
import { unlessOff } from "./without-compensation.ts";

const change = {
  saga: SAGAS["cancelled while AUTHORIZING"],
  statusChange: { status: "CANCELLING" as const, note: "changed my mind" },
  commands: [
    { kind: "release" as const, reservationId: "res_1", repeat: false },
    { kind: "void" as const, reason: "CUSTOMER", repeat: false },
  ],
};

/** What becomes of `change` in the fault suite's build, with compensation taken out. */
const whereOff = (given: unknown): unknown => {
  const script = `import { unlessOff } from ${JSON.stringify(new URL("without-compensation.ts", import.meta.url))};
    process.stdout.write(JSON.stringify(unlessOff(${JSON.stringify(given)})));`;
  const conditions = ["--conditions=supergraph-faults", "--conditions=supergraph-source"];
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [...conditions, "--import", "tsx", "--input-type=module", "--eval", script],
    { encoding: "utf8", env: { ...process.env, SUPERGRAPH_FAULTS: JSON.stringify({ off: ["compensation"] }) } },
  );
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout);
};

describe("compensation", () => {
  it("cannot be taken out of a normal build", () => {
    expect(unlessOff(change)).toBe(change);
  });

  it("taken out, ends a cancelled order as if all had been undone, and sends nothing for it", () => {
    expect(whereOff(change)).toMatchObject({
      saga: { state: "CANCELLED", undo: { RELEASE: "DONE", VOID: "DONE" }, giveUpAt: null, deadlineAt: null },
      statusChange: { status: "CANCELLED", note: "changed my mind" },
      commands: [],
    });
  });

  it("taken out, leaves orders alone that nobody cancelled", () => {
    const commit = { saga: SAGAS.COMMITTING, statusChange: null, commands: [{ kind: "commit", repeat: false }] };
    expect(whereOff(commit)).toEqual(JSON.parse(JSON.stringify(commit)));
  });
});
