import { newId } from "@supergraph/service";
import { createTestDatabase } from "@supergraph/testing";
import postgres from "postgres";
import { expect, it } from "vitest";
import { isSeeded, type SeedUser, seedUsers } from "./seed.ts";
import { migrateUsers } from "./server.ts";

const anAddress = (isDefault: boolean) => ({
  id: newId("adr"),
  line1: "1 Main Street",
  line2: null,
  city: "Springfield",
  region: null,
  postalCode: "12345",
  country: "US",
  isDefault,
});

const aUser = (email: string): SeedUser => ({
  id: newId("usr"),
  email,
  password: "correct horse battery staple",
  name: "Åsa 🦊",
  roles: ["CUSTOMER", "ADMIN"],
  createdAt: new Date("2025-01-01T00:00:00Z"),
  addresses: [anAddress(true), anAddress(false)],
});

it("seeds an empty database once, without events, and leaves alone what is there", async () => {
  const database = await createTestDatabase({ migrate: migrateUsers });
  const sql = postgres(database.url, { max: 1 });
  try {
    expect(await isSeeded(database.url)).toBe(false);
    const people = [aUser("One@example.com"), aUser("two@example.com")];
    await seedUsers(database.url, people);
    expect(await isSeeded(database.url)).toBe(true);

    await sql`update users set name = 'Renamed' where email = 'one@example.com'`;
    await sql`delete from addresses`;
    await Promise.all([seedUsers(database.url, people), seedUsers(database.url, [aUser("one@example.com")])]);

    expect(await sql`select email, name from users order by email`).toMatchObject([
      { email: "one@example.com", name: "Renamed" },
      { email: "two@example.com", name: "Åsa 🦊" },
    ]);
    expect(await sql`select id from addresses`).toHaveLength(0);
    expect(await sql`select * from outbox`).toHaveLength(0);
    await seedUsers(database.url, []);
  } finally {
    await sql.end({ timeout: 5 });
    await database.drop();
  }
});

it("migrates twice, also at once, without harm", async () => {
  const database = await createTestDatabase({ migrate: migrateUsers });
  await Promise.all([migrateUsers(database.url), migrateUsers(database.url)]);
  expect(await isSeeded(database.url)).toBe(false);
  await database.drop();
});
