import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GraphQLClient } from "graphql-request";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { signIns } from "../../embedded/src/seed/people.ts";
import { PORTS_AFTER_ROUTER } from "../../embedded/src/subgraphs.ts";
import { runProgram } from "../../scripts/new-subgraph/program.ts";
import { freePortRange } from "../e2e/shop.ts";
import { runStartCommand } from "../e2e/start-command.ts";
import { type Checkout, checkOut } from "./checkout.ts";

interface Composition {
  readonly services: Readonly<Record<string, unknown>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

let checkout: Checkout;
beforeAll(() => {
  checkout = checkOut();
});
afterAll(() => checkout?.remove());

/** Without npm: what it would install is linked. */
const newSubgraph = async (...args: string[]): Promise<{ code: number; out: string; err: string }> => {
  const told = { out: "", err: "" };
  const shell = {
    out: (text: string) => {
      told.out += text;
    },
    err: (text: string) => {
      told.err += text;
    },
    root: checkout.root,
  };
  return { code: await runProgram([...args, "--no-install"], shell), ...told };
};

const at = (path: string): string => join(checkout.root, path);

describe("no subgraph is made, and nothing is written,", () => {
  afterEach(() => checkout.restore());

  it.each([
    ["without a name", [], /missing required argument/],
    ["for an option that there is not", ["reviews", "--faster"], /unknown option '--faster'/],
    ["for a name that is none", ["Reviews"], /^INVALID_NAME: "Reviews"/],
    ["for a name that is a path", ["../reviews"], /^INVALID_NAME/],
    ["for the name of another process", ["router"], /^INVALID_NAME/],
    ["for the name of another subgraph", ["payments"], /^NAME_TAKEN: There is a subgraph payments/],
    ["for a type that there is", ["goods", "--entity", "Category"], /^NAME_TAKEN: products has a type Category/],
    ["for a field that there is", ["things", "--entity", "Variant"], /^NAME_TAKEN: .*Product\.variants/],
    ["for a prefix that other ids have", ["reviews", "--prefix", "ord"], /^NAME_TAKEN: Ids .* begin with ord_/],
    ["for an entity that there is not", ["reviews", "--extends", "Shelf"], /^UNKNOWN_ENTITY: .*Order, .*Product/],
    ["for a type that is no entity", ["reviews", "--extends", "Money"], /^UNKNOWN_ENTITY/],
  ])("%s", async (_what, args, message) => {
    const { code, err } = await newSubgraph(...args);
    expect(err).toMatch(message);
    expect(code).toBe(2);
    expect(checkout.changed()).toEqual([]);
  });

  it("where its folder has something in it", async () => {
    mkdirSync(at("subgraphs/reviews"));
    writeFileSync(at("subgraphs/reviews/notes.txt"), "mine");
    expect(await newSubgraph("reviews")).toMatchObject({ code: 2, err: expect.stringMatching(/^FOLDER_NOT_EMPTY/) });
    expect(checkout.changed()).toEqual(["subgraphs/reviews/notes.txt"]);
  });

  it("where a file has no place for it", async () => {
    writeFileSync(at("codegen.ts"), "export default {};\n");
    const { code, err } = await newSubgraph("reviews");
    expect(err).toMatch(/^UNEXPECTED_FILE: codegen\.ts/);
    expect(code).toBe(1);
    expect(checkout.changed()).toEqual(["codegen.ts"]);
  });

  it("when somebody interrupts it", async () => {
    const stopping = new AbortController();
    const told: string[] = [];
    const shell = {
      out(text: string) {
        if (text.includes("types of resolvers")) setImmediate(() => stopping.abort());
      },
      err: (text: string) => void told.push(text),
      root: checkout.root,
      stop: stopping.signal,
    };
    expect(await runProgram(["reviews", "--no-install"], shell)).toBe(1);
    expect(told.join("")).toMatch(/^STEP_FAILED: types of resolvers and operations: was interrupted/);
    expect(checkout.changed()).toEqual([]);
  });

  it("when one of the steps that complete it fails", async () => {
    const [drizzle, away] = [at("node_modules/drizzle-kit"), at("node_modules/.away")];
    renameSync(drizzle, away);
    const { code, err } = await newSubgraph("reviews");
    renameSync(away, drizzle);
    expect(err).toMatch(/^STEP_FAILED: the first migration.*ended with exit code 1/);
    expect(code).toBe(1);
    expect(checkout.changed()).toEqual([]);
    expect(readdirSync(at("subgraphs"))).not.toContain("reviews");
  });
});

describe("new subgraphs", () => {
  const passes = async (program: string, ...args: string[]): Promise<string> => {
    const { code, output } = await checkout.run(program, ...args);
    expect(code, output).toBe(0);
    return output;
  };

  beforeAll(async () => {
    for (const [name, ...options] of [
      ["reviews"],
      ["vouchers", "--entity", "GiftCard", "--extends", "ProductVariant"],
    ] as const) {
      checkout.link(`subgraphs/${name}`);
      const { code, err } = await newSubgraph(name, ...options);
      expect(code, err).toBe(0);
    }
  });

  it("have types that hold", async () => {
    await passes("node_modules/typescript/bin/tsc", "-b", "subgraphs/reviews", "subgraphs/vouchers");
  }, 180_000);

  it("have types that hold in their tests and in what starts them, too", async () => {
    const { output } = await checkout.run("node_modules/typescript/bin/tsc", "-p", "tsconfig.tests.json");
    // What else is in the working tree is not the subject.
    expect(output).not.toMatch(/^(subgraphs\/(reviews|vouchers)|embedded\/src\/subgraphs|codegen\.ts)/m);
  }, 180_000);

  it("are as the linter wants them", async () => {
    await passes("node_modules/@biomejs/biome/bin/biome", "check", ...checkout.changed());
  });

  it("have tests, which pass, as do those of the composition of containers", async () => {
    const tests = ["subgraphs/reviews", "subgraphs/vouchers", "tests/deploy/compose.test.ts"];
    const output = await passes("node_modules/vitest/vitest.mjs", "run", ...tests);
    expect(output).toMatch(/Test Files.*7 passed/);
  }, 180_000);

  it("run in containers, with a database and a certificate of their own where the others have them", () => {
    const read = (file: string): Composition =>
      parse(readFileSync(at(file), "utf8"), { merge: true, logLevel: "error" });
    const { services, volumes } = read("docker-compose.yml");
    for (const name of ["reviews", "vouchers"]) {
      expect(Object.keys(services)).toEqual(expect.arrayContaining([name, `${name}-2`, `migrate-${name}`]));
      expect(services.router).toMatchObject({ depends_on: { [name]: { condition: "service_healthy" } } });
      expect(volumes).toHaveProperty(`secrets-${name}`);
      const parts = [read("deploy/compose/four-databases.yml"), read("deploy/compose/tls.yml")];
      expect(parts.flatMap((part) => Object.keys(part.volumes))).toEqual(
        expect.arrayContaining([`postgres-${name}`, `tls-${name}`]),
      );
    }
    expect(services.router).toMatchObject({ environment: { SUBGRAPH_URL_VOUCHERS: "http://vouchers:4007/graphql" } });
    expect(readFileSync(at("deploy/health.sh"), "utf8")).toContain("vouchers) port=4007 ;;");
  });

  it("are composed with the others, and pass the check of schemas", async () => {
    await passes("scripts/run-source.mjs", "schema/src/main.ts", "check");
    expect(readFileSync(at("schema/supergraph.graphql"), "utf8")).toContain("http://localhost:4007/graphql");
  });

  it("answer together with the others, as npm start runs them", async () => {
    const directory = mkdtempSync(join(tmpdir(), "supergraph-new-subgraph-"));
    const port = await freePortRange(1 + PORTS_AFTER_ROUTER + 2);
    const started = runStartCommand(
      { PORT: String(port), DATA_DIR: directory, BUS: "in-process", LOG_LEVEL: "warn" },
      checkout.root,
    );
    try {
      await started.until("Supergraph is up");
      const url = `http://127.0.0.1:${port}/graphql`;
      const { email, password } = signIns.customer;
      const { login } = await new GraphQLClient(url).request<{ login: { accessToken: string } }>(
        "mutation ($input: LoginInput!) { login(input: $input) { accessToken } }",
        { input: { email, password } },
      );
      const ada = new GraphQLClient(url, { headers: { authorization: `Bearer ${login.accessToken}` } });
      const found = await ada.request<{ products: { edges: { node: { id: string; title: string } }[] } }>(
        "{ products(first: 1) { edges { node { id title } } } }",
      );
      const [product] = found.products.edges.map(({ node }) => node);
      await ada.request(
        "mutation ($input: CreateReviewInput!) { createReview(input: $input) { userErrors { code } } }",
        {
          input: { productId: product?.id, text: "Dry in a storm." },
        },
      );
      const page = await ada.request(
        `query ($id: ID!) {
          product(id: $id) { title reviews { edges { node { text product { title } } } } variants { giftCards { edges { cursor } } } }
        }`,
        { id: product?.id },
      );
      expect(page).toMatchObject({
        product: {
          title: product?.title,
          reviews: { edges: [{ node: { text: "Dry in a storm.", product: { title: product?.title } } }] },
          variants: expect.arrayContaining([{ giftCards: { edges: [] } }]),
        },
      });
    } finally {
      started.process.kill("SIGTERM");
      await started.ended();
      rmSync(directory, { recursive: true, force: true });
    }
  }, 180_000);
});
