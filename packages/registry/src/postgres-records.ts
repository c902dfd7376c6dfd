import { fileURLToPath } from "node:url";
import { DatabaseUnavailableError, isOutage, migrate, openDatabase } from "@supergraph/postgres";
import { isArtifact } from "./artifact.ts";
import { RegistryError } from "./errors.ts";
import { assertEnvironment } from "./pointer.ts";
import { type Note, NoteShape, type Records, type Version, VersionShape } from "./records.ts";

/** Correct from `src/` and from `dist/`. */
const MIGRATIONS = fileURLToPath(new URL("../migrations", import.meta.url));
const CONNECT_WITHIN_MS = 5_000;

/** In tables of their own, `registry_…`, which it makes and brings up to date. */
export const openPostgresRecords = async (url: string): Promise<Records> => {
  try {
    await migrate({ url, folder: MIGRATIONS, connectWithinMs: CONNECT_WITHIN_MS });
  } catch (error) {
    if (!(error instanceof DatabaseUnavailableError)) throw error;
    throw new RegistryError("REGISTRY_UNREACHABLE", error.message, error);
  }
  const database = openDatabase({ url, schema: {}, max: 1, applicationName: "schema-registry" });
  const { sql } = database;
  const { host, pathname } = new URL(url);
  const place = `${host}${pathname}`;
  const asked = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (!isOutage(error)) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new RegistryError("REGISTRY_UNREACHABLE", `The records at ${place} cannot be reached: ${reason}.`, error);
    }
  };
  const json = (value: unknown) => (value === null || value === undefined ? null : JSON.stringify(value));

  return {
    place,
    latest: (environment) =>
      asked(async () => {
        assertEnvironment(environment);
        const [row] = await sql`
          select * from registry_versions where environment = ${environment} order by version desc limit 1`;
        return row === undefined ? null : versionOf(row);
      }),
    version: (environment, version) =>
      asked(async () => {
        const [row] = await sql`
          select * from registry_versions where environment = ${environment} and version = ${version}`;
        return row === undefined ? null : versionOf(row);
      }),
    append: (version) =>
      asked(async () => {
        assertEnvironment(version.environment);
        const { environment, kind, artifact, restores, at, by, why, changes, report } = version;
        const rows = await sql`
          insert into registry_versions (environment, version, kind, artifact, restores, at, by, why, changes, report)
          values (${environment}, ${version.version}, ${kind}, ${artifact}, ${restores}, ${at}::text::timestamptz, ${by}, ${why},
            ${json(changes)}::text::jsonb, ${json(report)}::text::jsonb)
          on conflict (environment, version) do nothing returning version`;
        return rows.length === 1 ? "appended" : "taken";
      }),
    note: ({ environment, version, kind, at, by, why, report }) =>
      asked(async () => {
        await sql`
          insert into registry_notes (environment, version, kind, at, by, why, report)
          values (${environment}, ${version}, ${kind}, ${at}::text::timestamptz, ${by}, ${why}, ${json(report)}::text::jsonb)`;
      }),
    notes: (environment) =>
      asked(async () => {
        const rows = await sql`select * from registry_notes where environment = ${environment} order by id`;
        return rows.map(noteOf);
      }),
    versions: (environment, limit) =>
      asked(async () => {
        const rows = await sql`
          select * from registry_versions where environment = ${environment} order by version desc limit ${limit}`;
        return rows.map(versionOf);
      }),
    keepArtifact: (hash, bytes) =>
      asked(async () => {
        const [kept] = await sql`select bytes from registry_artifacts where hash = ${hash}`;
        if (kept !== undefined && (await isArtifact(hash, kept.bytes as Uint8Array))) return;
        await sql`
          insert into registry_artifacts (hash, bytes) values (${hash}, ${Buffer.from(bytes)})
          on conflict (hash) do update set bytes = excluded.bytes`;
      }),
    artifact: (hash) =>
      asked(async () => {
        const [row] = await sql`select bytes from registry_artifacts where hash = ${hash}`;
        if (row !== undefined) return row.bytes as Uint8Array;
        throw new RegistryError("ARTIFACT_MISSING", `There is no artifact ${hash} at ${place}.`);
      }),
    close: () => database.close(),
  };
};

type Row = Readonly<Record<string, unknown>>;

const versionOf = (row: Row): Version => VersionShape.parse({ ...row, at: isoOf(row.at) });
const noteOf = (row: Row): Note => NoteShape.parse({ ...row, at: isoOf(row.at) });

const isoOf = (value: unknown): string => new Date(value as string | Date).toISOString();
