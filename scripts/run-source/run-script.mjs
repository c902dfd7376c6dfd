import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Script } from "node:vm";

/**
 * Runs what `bundle` wrote, with what V8 had compiled of it when it ran before: to compile it anew takes about as long as a check
 * of a few subgraphs. V8 itself refuses what another version compiled, or with other flags.
 */
export const runScript = (file) => {
  const compiled = `${file}.compiled`;
  const script = new Script(readFileSync(file, "latin1"), {
    filename: file,
    cachedData: readIfThere(compiled),
  });
  const module = { exports: {} };
  // At its end, when it is known what a run needs.
  if (script.cachedDataRejected !== false) process.once("exit", () => keep(compiled, script.createCachedData()));
  script.runInThisContext()(module.exports, createRequire(file), module);
};

const readIfThere = (path) => {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
};

/** The next run reads it whole or not at all. Where it cannot be written, the next compiles as this one did. */
const keep = (path, data) => {
  const unfinished = `${path}.${process.pid}`;
  try {
    writeFileSync(unfinished, data);
    renameSync(unfinished, path);
  } catch {
    rmSync(unfinished, { force: true });
  }
};
