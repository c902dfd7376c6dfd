import postgres from "postgres";

/** Makes the missing databases, each owned by a role of its own that can connect to no other. Safe to repeat. */
export const ensureDatabases = async (options: {
  adminUrl: string;
  databases: readonly string[];
  passwords: Readonly<Record<string, string>>;
}): Promise<void> => {
  const { adminUrl, databases, passwords } = options;
  const sql = postgres(adminUrl, { max: 1, onnotice: () => undefined, fetch_types: false });
  try {
    const found = await sql<{ name: string; kind: string }[]>`
      select rolname as name, 'role' as kind from pg_roles
      union all select datname, 'database' from pg_database where datallowconn
      union all select datname, 'private' from pg_database
        where not has_database_privilege('public', oid, 'connect')`;
    const has = (kind: string, name: string) => found.some((row) => row.kind === kind && row.name === name);
    for (const name of databases) {
      const password = passwords[name];
      if (password === undefined) throw new Error(`No password was made for the role "${name}".`);
      const escaped = sql(name);
      if (!has("role", name)) await sql`create role ${escaped} login password ${sql.unsafe(`'${password}'`)}`;
      // A copy through the WAL of 8 MB is slower than one of files.
      if (!has("database", name)) await sql`create database ${escaped} owner ${escaped}`;
    }
    for (const name of ["postgres", "template1", ...databases])
      if (!has("private", name)) await sql`revoke all on database ${sql(name)} from public`;
  } finally {
    await sql.end({ timeout: 5 });
  }
};
