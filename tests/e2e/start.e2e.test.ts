import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ApolloClient, HttpLink, InMemoryCache } from "@apollo/client";
import { stopLeftNatsServer } from "@supergraph/messaging/nats-server";
import { stopLeftPostgres } from "@supergraph/postgres/embedded";
import { MyOrdersDocument, SignInDocument } from "@supergraph/schema/operations";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { layout } from "../../embedded/src/layout.ts";
import { signIns } from "../../embedded/src/seed/people.ts";
import { PORTS_AFTER_ROUTER } from "../../embedded/src/subgraphs.ts";
import { findVariant, placeOrder, untilStatus } from "./checkout.ts";
import { freePortRange } from "./shop.ts";
import { runReset, runStartCommand, type Started, signalGroup } from "./start-command.ts";

let directory: string;
let port: number;
let started: Started[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "supergraph-start-"));
  port = await freePortRange(1 + PORTS_AFTER_ROUTER);
});
afterEach(async () => {
  for (const each of started) {
    if (each.process.exitCode === null && each.process.signalCode === null) signalGroup(each, "SIGKILL");
    await each.ended();
  }
  started = [];
  // Their servers run in sessions of their own: a test that failed in the middle would leave them behind.
  for (const folder of [directory, join(directory, "one"), join(directory, "other")]) {
    const { nats, postgres } = layout(folder);
    if (existsSync(nats)) await stopLeftNatsServer(nats);
    if (existsSync(postgres)) await stopLeftPostgres(postgres);
  }
  await rm(directory, { recursive: true, force: true });
});

const start = (env: Record<string, string> = {}): Started => {
  const each = runStartCommand({ PORT: String(port), DATA_DIR: directory, ...env });
  started.push(each);
  return each;
};

const stop = async (running: Started): Promise<void> => {
  signalGroup(running, "SIGINT");
  const { code, output } = await running.ended();
  expect(output).toContain("Stopping");
  expect(code).toBe(0);
};

const clientOf = (token?: string, at = port) =>
  new ApolloClient({
    cache: new InMemoryCache(),
    link: new HttpLink({
      uri: `http://127.0.0.1:${at}/graphql`,
      headers: token ? { authorization: `Bearer ${token}` } : {},
    }),
    defaultOptions: { query: { fetchPolicy: "no-cache" } },
  });

const signIn = async (at = port) => {
  const { email, password } = signIns.customer;
  const { data } = await clientOf(undefined, at).mutate({
    mutation: SignInDocument,
    variables: { input: { email, password } },
  });
  return clientOf(data?.login.accessToken ?? "", at);
};

/** Processes that still run below `directory`, by their command lines. */
const leftBehind = async (): Promise<string[]> => {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
  return lines.filter((line) => line.includes(directory));
};

describe("the start command", () => {
  it("tells all that is needed, keeps its data over a restart, and leaves no process behind", async () => {
    const first = start();
    const output = await first.until("Paste into the playground");
    expect(output).toContain(`http://127.0.0.1:${port}/graphql`);
    for (const { email, password } of Object.values(signIns)) {
      expect(output).toContain(email);
      expect(output).toContain(password);
    }
    expect(output).toContain(directory);
    const ada = await signIn();
    const orderId = await placeOrder(ada, { variantId: (await findVariant(ada)).id, token: "tok_approve" });
    await untilStatus(ada, orderId, "PAID");
    await stop(first);
    expect(await leftBehind()).toEqual([]);

    const second = start();
    await second.until("Paste into the playground");
    const { data } = await (await signIn()).query({ query: MyOrdersDocument, variables: { first: 1 } });
    expect(data?.me?.orders?.edges[0]?.node).toMatchObject({
      id: orderId,
      status: "PAID",
      payment: { status: "CAPTURED" },
    });
    await stop(second);
  });

  it("works again after it was killed, with what was committed before", async () => {
    const first = start();
    await first.until("Paste into the playground");
    const ada = await signIn();
    const orderId = await placeOrder(ada, { variantId: (await findVariant(ada)).id, token: "tok_approve" });
    // Only the process itself: its databases and broker are orphaned, as after an out-of-memory kill.
    first.process.kill("SIGKILL");
    await first.ended();

    const second = start();
    await second.until("Paste into the playground");
    // What was in hand when the process was killed comes again only after the broker has waited 10 s for an answer.
    await untilStatus(await signIn(), orderId, "PAID", { timeoutMs: 40_000 });
    await stop(second);
    expect(await leftBehind()).toEqual([]);
  }, 90_000);

  it("runs twice side by side, on folders and ports of their own", async () => {
    const otherPort = await freePortRange(1 + PORTS_AFTER_ROUTER);
    const other = join(directory, "other");
    const pair = [start({ DATA_DIR: join(directory, "one") }), start({ DATA_DIR: other, PORT: String(otherPort) })];
    await Promise.all(pair.map((each) => each.until("Paste into the playground")));
    const adas = await Promise.all([signIn(), signIn(otherPort)]);
    const orderId = await placeOrder(adas[0], { variantId: (await findVariant(adas[0])).id, token: "tok_approve" });
    await untilStatus(adas[0], orderId, "PAID");
    const { data } = await adas[1].query({ query: MyOrdersDocument, variables: { first: 1 } });
    expect(data?.me?.orders?.edges[0]?.node.id).not.toBe(orderId);
    for (const each of pair) await stop(each);
  });
});

describe("the start command ends with code 1 and one clear message when", () => {
  const expectFailure = async (failing: Started, ...texts: (string | RegExp)[]): Promise<void> => {
    const { code, output } = await failing.ended();
    expect(code).toBe(1);
    for (const text of texts) expect(output).toMatch(text);
    expect(output).not.toMatch(/\n\s+at /);
    expect(await leftBehind()).toEqual([]);
  };

  it("a port is taken", async () => {
    const taken = port + 3;
    const occupant = createServer();
    await new Promise<void>((resolve) => occupant.listen(taken, "127.0.0.1", resolve));
    await expectFailure(start(), "PORT_TAKEN", `Port ${taken}`, "orders");
    await new Promise((resolve) => occupant.close(resolve));
  });

  it("the data folder cannot be written", async () => {
    const file = join(directory, "a-file");
    await writeFile(file, "");
    await expectFailure(start({ DATA_DIR: join(file, "data") }), "DATA_DIR_UNWRITABLE", "DATA_DIR=");
  });

  it("the data folder holds something else where the database should be", async () => {
    await mkdir(join(directory, "postgres", "cluster"), { recursive: true });
    await writeFile(join(directory, "postgres", "cluster", "PG_VERSION"), "not a version");
    await expectFailure(start(), "DATA_DIR_CORRUPT", "npm run reset");
  });

  it("the data folder is reset while it is in use; afterwards a reset makes the next start a first start", async () => {
    const first = start();
    await first.until("Paste into the playground");
    const ada = await signIn();
    const orderId = await placeOrder(ada, { variantId: (await findVariant(ada)).id, token: "tok_approve" });
    await writeFile(join(directory, "not-ours.txt"), "");
    expect(await runReset({ DATA_DIR: directory })).toMatchObject({
      code: 1,
      output: expect.stringContaining("IN_USE"),
    });
    await stop(first);

    expect(await runReset({ DATA_DIR: directory })).toMatchObject({ code: 0 });
    expect(await readdir(directory)).toEqual(["not-ours.txt"]);
    const second = start();
    await second.until("Paste into the playground");
    const { data } = await (await signIn()).query({ query: MyOrdersDocument, variables: { first: 50 } });
    expect(data?.me?.orders?.edges.map(({ node }) => node.id)).not.toContain(orderId);
    await stop(second);
  }, 120_000);

  it("the keys are damaged", async () => {
    await writeFile(join(directory, "secrets.json"), "{ half");
    await expectFailure(start(), "DATA_DIR_CORRUPT", "secrets.json");
  });

  it.each([
    ["PORT", "http"],
    ["PORT", "65535"],
    ["LOG_LEVEL", "loud"],
    ["BUS", "kafka"],
  ])("%s is %s", async (name, value) => {
    await expectFailure(start({ [name]: value }), "CONFIG_INVALID", name, "Example");
  });

  it("another one already runs on the same data folder", async () => {
    const first = start();
    await first.until("Paste into the playground");
    const second = start({ PORT: String(await freePortRange(1 + PORTS_AFTER_ROUTER)) });
    const { code, output } = await second.ended();
    expect(code).toBe(1);
    expect(output).toContain("DATA_DIR_IN_USE");
    await stop(first);
  });
});
