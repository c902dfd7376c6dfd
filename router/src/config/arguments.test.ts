import { afterEach, describe, expect, it, vi } from "vitest";
import { parseArguments } from "./arguments.ts";

/** What was written to the terminal. */
const written = () => {
  const lines: string[] = [];
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, "write").mockImplementation((text) => lines.push(String(text)) > 0);
  return () => lines.join("");
};
afterEach(() => vi.restoreAllMocks());

describe("the command line", () => {
  it("says what to serve, and where", () => {
    expect(parseArguments(["--supergraph", "a.graphql", "-c", "b.yaml", "--port", "0", "--workers", "auto"])).toEqual({
      kind: "serve",
      given: { supergraph: "a.graphql", config: "b.yaml", port: 0, workers: "auto" },
    });
    expect(parseArguments([])).toEqual({ kind: "serve", given: {} });
    expect(parseArguments(["--check-config", "-w", "3"])).toEqual({ kind: "check", given: { workers: 3 } });
  });

  it("explains itself", () => {
    const text = written();
    expect(parseArguments(["--help"])).toEqual({ kind: "done", exitCode: 0 });
    expect(text()).toContain("--supergraph <path|url>");
    expect(text()).toContain("SIGHUP");
  });

  it.each([
    [["--prot", "4000"], "Did you mean --port?"],
    [["--port", "70000"], "Expected a port from 0 to 65535."],
    [["--port"], "argument missing"],
    [["--workers", "0"], "Expected a number of processes, or auto."],
    [["supergraph.graphql"], "too many arguments"],
  ])("is refused when it is %j", (argv, message) => {
    const text = written();
    expect(parseArguments(argv)).toEqual({ kind: "done", exitCode: 2 });
    expect(text()).toContain(message);
  });
});
