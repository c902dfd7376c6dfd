import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { startLoad } from "./load.ts";
import { CUSTOMERS, describeStart, type Shop, seconds, type Trial, timed } from "./shop.ts";

const run = promisify(execFile);
const BEFORE = 20;

const script = (shop: Shop, name: string, folder: string): Promise<unknown> =>
  run(`deploy/compose/${name}`, [folder, ...shop.options], { env: { ...process.env, ...shop.environment } });

/**
 * Backs up while customers buy, deletes everything, and restores it. Who had an order before the backup has it after, with a token of
 * before; what was under way comes to its end; and what came after the backup is gone as a whole.
 */
export const backups: Trial = async (shop) => {
  const home = await mkdtemp(join(tmpdir(), "supergraph-backup-"));
  const folder = join(home, "backup");
  try {
    const load = await startLoad(shop.url, CUSTOMERS);
    await load.untilAcknowledged(BEFORE);
    load.takeCounts();
    const before = load.orders();
    const backupMs = await timed(() => script(shop, "backup", folder));
    const { requests, failed } = load.takeCounts();
    const files = await readdir(folder);
    const sizes = await Promise.all(files.map(async (file) => (await stat(join(folder, file))).size));
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    shop.say(
      `  backed up in ${seconds(backupMs)}, ${(bytes / 1e6).toFixed(1)} MB; ${failed} of ${requests} requests failed meanwhile`,
    );
    await load.untilAcknowledged(1);
    await load.stop();

    await shop.compose("down", "--volumes");
    const restoreMs = await timed(() => script(shop, "restore", folder));
    const start = await shop.up();
    shop.say(`  restored in ${seconds(restoreMs)}; ${describeStart(start)}`);
    await shop.expectEnded(load, "of before the backup came to their end", before);
    const after = load.orders().slice(before.length);
    const statuses = await Promise.all(after.map((order) => load.statusOf(order)));
    const kept = after.filter((_, index) => statuses[index] !== null);
    shop.say(`  ${after.length - kept.length} of ${after.length} orders of during and after the backup are gone`);
    await shop.expectEnded(load, "of during the backup that are there came to their end", kept);
    await shop.expectPurchase("after all was deleted and restored");
    return { backupMs, bytes, requests, failed, restoreMs, start, orders: before.length };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
};
