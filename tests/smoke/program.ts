import { parseArgs } from "node:util";
import { GraphProblem, openGraph } from "./graph.ts";
import { type Account, purchase } from "./purchase.ts";

export const USAGE = `usage: npm run smoke -- --url http://127.0.0.1:4000/graphql [options]

Buys something through a deployment, and calls it off again. Needs the API alone: something in stock, and the sandbox
payment provider behind it. Exit code 0 when all of it works, 1 when something does not, 2 for a wrong command line.

  --url <url>         the endpoint
  --timeout <s>       for all of it                                                        (90)
  --email <address>   somebody who is there, or is registered; a new account unless given, which stays
  --password <text>   theirs
  --keep              does not call off the order
  --json              tells it as JSON

For an endpoint whose certificate the system does not trust, NODE_EXTRA_CA_CERTS names its authority.`;

export interface Output {
  out(text: string): void;
  err(text: string): void;
}

interface Options {
  readonly url: string;
  readonly timeoutMs: number;
  readonly account: Account | null;
  readonly kept: boolean;
  readonly json: boolean;
}

interface Outcome {
  readonly works: string;
  readonly outcome: "works" | "fails" | "not tried";
  readonly seen: string | null;
  readonly ms: number | null;
}

/** The whole command; resolves to its exit code. */
export const runSmoke = async (args: readonly string[], { out, err }: Output): Promise<number> => {
  const parsed = parse(args);
  if (typeof parsed === "string") {
    if (parsed === USAGE) {
      out(USAGE);
      return 0;
    }
    err(`${parsed}\n\n${USAGE}`);
    return 2;
  }
  const { url, json } = parsed;
  const outcomes = await run(parsed, (outcome) => {
    if (!json) out(lineOf(outcome));
  });
  const ok = outcomes.every(({ outcome }) => outcome === "works");
  const broken = outcomes.find(({ outcome }) => outcome === "fails");
  const ms = outcomes.reduce((sum, outcome) => sum + (outcome.ms ?? 0), 0);
  if (json) out(JSON.stringify({ url, ok, ms, steps: outcomes }, null, 2));
  else if (ok) out(`\nAll of it works at ${url}: ${(ms / 1000).toFixed(1)} s.`);
  else out(`\nNot all of it works at ${url}. The first that does not: ${broken?.works ?? ""}.`);
  return ok ? 0 : 1;
};

const run = async (options: Options, tell: (outcome: Outcome) => void): Promise<Outcome[]> => {
  const deadline = AbortSignal.timeout(options.timeoutMs);
  const graph = openGraph(options.url, deadline);
  const outcomes: Outcome[] = [];
  let broken = false;
  for (const step of purchase(graph, { ...options, stepMs: options.timeoutMs })) {
    const begun = performance.now();
    const outcome: Outcome = broken
      ? { works: step.works, outcome: "not tried", seen: null, ms: null }
      : await step.run().then(
          (seen) => ({ works: step.works, outcome: "works", seen, ms: Math.round(performance.now() - begun) }),
          (error: unknown) => {
            if (!(error instanceof GraphProblem)) throw error;
            const seen = deadline.aborted ? `the time is over: ${error.message}` : error.message;
            return { works: step.works, outcome: "fails", seen, ms: Math.round(performance.now() - begun) };
          },
        );
    broken ||= outcome.outcome === "fails";
    outcomes.push(outcome);
    tell(outcome);
  }
  return outcomes;
};

const SIGNS = { works: "✔", fails: "✖", "not tried": "·" } as const;

const lineOf = ({ works, outcome, seen, ms }: Outcome): string => {
  if (outcome === "not tried") return `${SIGNS[outcome]} ${works} (not tried)`;
  return `${SIGNS[outcome]} ${works}: ${seen ?? ""}${ms === null ? "" : ` (${ms} ms)`}`;
};

/** Options, or what is wrong with them; the usage where that is asked for. */
const parse = (args: readonly string[]): Options | string => {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        url: { type: "string" },
        timeout: { type: "string", default: "90" },
        email: { type: "string" },
        password: { type: "string" },
        keep: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) return USAGE;
    const { url, email, password } = values;
    if (url === undefined || !URL.canParse(url) || !/^https?:/.test(url))
      return "--url must be the URL of an endpoint.";
    const seconds = Number(values.timeout);
    if (!(seconds >= 1 && seconds <= 3_600)) return "--timeout must be seconds, from 1 to 3600.";
    if ((email === undefined) !== (password === undefined)) return "--email and --password go together.";
    const account = email === undefined || password === undefined ? null : { email, password };
    return { url, timeoutMs: seconds * 1_000, account, kept: values.keep, json: values.json };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};
