import { appendFile, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type ImportedPayment, importPayments } from "./server.ts";
import { useSandbox } from "./testing/sandbox-harness.ts";

const past: ImportedPayment = {
  id: "pmt_past",
  reference: "ord_past",
  status: "captured",
  amountMinor: 100n,
  currency: "EUR",
  authorizedMinor: 100n,
  capturedMinor: 100n,
  refundedMinor: 40n,
  declineCode: null,
  createdAt: new Date("2026-01-01T00:00:00Z"),
  refunds: [{ id: "rfd_1", reference: "ref_1", amountMinor: 40n, createdAt: new Date("2026-01-02T00:00:00Z") }],
};

const { state, start, restart, post, get, authorize } = useSandbox();

describe("the journal", () => {
  const journal = () => join(state.directory, "journal.jsonl");

  it("brings everything back after a restart", async () => {
    const { id } = await authorize();
    await post(`/v1/payments/${id}/capture`, {});
    await post(`/v1/payments/${id}/refunds`, { amountMinor: 5, reference: "ref_1" });
    const before = await get(`/v1/payments/${id}`);
    await restart();
    expect(await get(`/v1/payments/${id}`)).toEqual(before);
  });

  it("drops a last line that a crash tore, and goes on", async () => {
    const { id } = await authorize();
    await state.provider.stop();
    await appendFile(journal(), '{"kind":"payment","paym');
    await start();
    expect((await get(`/v1/payments/${id}`)).status).toBe(200);
    await authorize();
    await restart();
    expect(await readFile(journal(), "utf8")).not.toContain('"paym{');
  });

  it.each(["garbage\n", '{"kind":"payment"}\n', "\n"])("refuses to start on a corrupt line %j", async (line) => {
    await authorize();
    await state.provider.stop();
    await writeFile(journal(), line + (await readFile(journal(), "utf8")));
    await expect(start()).rejects.toThrow(/journal\.jsonl:1 is not a record/);
    await rm(journal());
    await start();
  });

  it("is read however long it is, in pieces that end anywhere", async () => {
    await state.provider.stop();
    const count = 6_000;
    await importPayments(
      state.directory,
      Array.from({ length: count }, (_, n) => ({
        ...past,
        id: `pmt_${n}`,
        reference: `ord_${n} 💡${"ü".repeat(n % 7)}`,
      })),
    );
    expect((await stat(journal())).size).toBeGreaterThan(2 << 20);
    await start();
    for (const n of [0, 1, 2_222, 3_333, 4_444, count - 1]) {
      const { body } = await get(`/v1/payments/pmt_${n}`);
      expect(body).toMatchObject({ reference: `ord_${n} 💡${"ü".repeat(n % 7)}`, refundedMinor: 40 });
    }
    await state.provider.stop();
    await appendFile(journal(), "garbage\n");
    await expect(start()).rejects.toThrow(`journal.jsonl:${count + 1} is not a record`);
    await rm(journal());
    await start();
  });

  it("names a directory that cannot be used", async () => {
    const file = join(state.directory, "file");
    await writeFile(file, "");
    await state.provider.stop();
    await expect(start({ directory: file })).rejects.toThrow(/file.*cannot be opened.*choose a directory/);
    await start();
  });

  it("takes in payments of the past, once", async () => {
    await state.provider.stop();
    await importPayments(state.directory, [past]);
    await importPayments(state.directory, [past]);
    await start();
    expect((await get("/v1/payments?reference=ord_past")).body.data).toMatchObject([
      { id: "pmt_past", refundedMinor: 40 },
    ]);
    expect((await post("/v1/payments/pmt_past/refunds", { amountMinor: 61 })).status).toBe(409);
    expect((await post("/v1/payments/pmt_past/refunds", { amountMinor: 60 })).body.refundedMinor).toBe(100);
  });
});
