import { createHash } from "node:crypto";
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
    cachedData: readWhole(compiled),
  });
  const module = { exports: {} };
  // At its end, when it is known what a run needs.
  if (script.cachedDataRejected !== false) process.once("exit", () => keep(compiled, script.createCachedData()));
  script.runInThisContext()(module.exports, createRequire(file), module);
};

const hashOf = (data) => createHash("sha256").update(data).digest();
const HASH_BYTES = 32;

/** Undefined for what is not there or is damaged: V8 does not look, and would take the process down. */
const readWhole = (path) => {
  try {
    const kept = readFileSync(path);
    const data = kept.subarray(HASH_BYTES);
    return hashOf(data).equals(kept.subarray(0, HASH_BYTES)) ? data : undefined;
  } catch {
    return undefined;
  }
};

/** Where it cannot be written, the next run compiles as this one did. */
const keep = (path, data) => {
  const unfinished = `${path}.${process.pid}`;
  try {
    writeFileSync(unfinished, Buffer.concat([hashOf(data), data]));
    renameSync(unfinished, path);
  } catch {
    rmSync(unfinished, { force: true });
  }
};
