import { randomUUID } from "node:crypto";
import { join, resolve } from "node:path";
import { createArtifactFiles } from "./artifact-files.ts";
import { RegistryError } from "./errors.ts";
import { assertEnvironment, parseRecord } from "./pointer.ts";
import { NoteShape, type Records, type Version, VersionShape } from "./records.ts";
import { createWhole, listJson, readIfThere, versionFile } from "./whole-files.ts";

/** For one machine: `<directory>/records/<environment>/versions/<version>.json` and `…/notes/<time>-<id>.json`. */
export const createFileRecords = (given: string): Records => {
  const directory = resolve(given);
  const artifacts = createArtifactFiles(directory);
  const versionsOf = (environment: string): string => {
    assertEnvironment(environment);
    return join(directory, "records", environment, "versions");
  };
  const notesOf = (environment: string): string => {
    assertEnvironment(environment);
    return join(directory, "records", environment, "notes");
  };
  const read = async (path: string): Promise<Version | null> => {
    const text = await readIfThere(path);
    return text === null ? null : parseRecord(VersionShape, text.toString("utf8"), path);
  };
  return {
    place: directory,
    async latest(environment) {
      const last = (await listJson(versionsOf(environment))).at(-1);
      return last === undefined ? null : read(join(versionsOf(environment), last));
    },
    version: (environment, version) => read(join(versionsOf(environment), versionFile(version))),
    async append(version) {
      const path = join(versionsOf(version.environment), versionFile(version.version));
      const created = await createWhole(path, JSON.stringify(version));
      return created === "created" ? "appended" : "taken";
    },
    async note(note) {
      const name = `${note.at.replaceAll(":", "")}-${randomUUID()}.json`;
      await createWhole(join(notesOf(note.environment), name), JSON.stringify(note));
    },
    async notes(environment) {
      const folder = notesOf(environment);
      const paths = (await listJson(folder)).map((name) => join(folder, name));
      const texts = await Promise.all(paths.map(readIfThere));
      return texts.flatMap((text, index) =>
        text === null ? [] : [parseRecord(NoteShape, text.toString("utf8"), paths[index] ?? folder)],
      );
    },
    async versions(environment, limit) {
      const names = (await listJson(versionsOf(environment))).slice(-limit).reverse();
      const found = await Promise.all(names.map((name) => read(join(versionsOf(environment), name))));
      return found.filter((one) => one !== null);
    },
    keepArtifact: artifacts.keep,
    async artifact(hash) {
      const bytes = await artifacts.read(hash);
      if (bytes) return bytes;
      throw new RegistryError("ARTIFACT_MISSING", `There is no artifact ${hash} in ${directory}.`);
    },
    close: async () => undefined,
  };
};
