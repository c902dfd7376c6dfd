import { connectNats } from "./nats/bus.ts";
import { replayDeadLetters } from "./replay-dead-letters.ts";

const [service, subject] = process.argv.slice(2);
const { NATS_URL } = process.env;

const tell = (level: string) => (fields: object, message: string) =>
  void process.stderr.write(`${JSON.stringify({ level, ...fields, message })}\n`);
const log = { debug: () => undefined, info: tell("info"), warn: tell("warn"), error: tell("error") };

/** Publishes again what a consumer buried: `NATS_URL=nats://… node dist/replay.js orders products.stock.reserved.v1`. */
const main = async (): Promise<void> => {
  if (!service || !subject || !NATS_URL) {
    throw new Error(
      "Usage: NATS_URL=nats://… node dist/replay.js <service> <subject>, such as orders products.stock.reserved.v1",
    );
  }
  const bus = await connectNats({ servers: NATS_URL, log, name: "replay" });
  try {
    const count = await replayDeadLetters({ bus, of: { service, subject }, log });
    process.stdout.write(`${count} replayed\n`);
  } finally {
    await bus.stop();
  }
};

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
