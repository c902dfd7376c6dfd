import { RegistryError } from "./errors.ts";
import type { Live } from "./live.ts";
import type { RouterReport } from "./pointer.ts";

/** What routers made of a version. */
export interface RouterAnswers {
  readonly serving: readonly string[];
  readonly refusals: readonly { readonly router: string; readonly reason: string | null }[];
  /** Known by what they said of an earlier version, and silent on this one. */
  readonly silent: readonly string[];
  /** Why no more answers could be heard; null where that went well. */
  readonly problem: string | null;
}

const NOBODY: RouterAnswers = { serving: [], refusals: [], silent: [], problem: null };

/** What has been said so far. */
export const answersOf = async (live: Live, environment: string, version: number): Promise<RouterAnswers> => {
  let reports: readonly RouterReport[] = [];
  const stop = await live.watchReports(environment, (heard) => {
    reports = heard;
  });
  stop();
  return answersIn(reports, version, new Set(reports.map(({ router }) => router)));
};

/** Waits until all routers that are known now have said what they make of `version`, one has refused it, or `withinMs` have passed. */
export const waitForRouters = async (
  live: Live,
  environment: string,
  version: number,
  withinMs: number,
): Promise<RouterAnswers> => {
  if (withinMs === 0) return NOBODY;
  let known: ReadonlySet<string> | null = null;
  let answers = NOBODY;
  let timer: NodeJS.Timeout | undefined;
  let stop: (() => void) | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(resolve, withinMs);
      const hear = (reports: readonly RouterReport[]): void => {
        known ??= new Set(reports.map(({ router }) => router));
        answers = answersIn(reports, version, known);
        if (answers.refusals.length > 0 || answers.silent.length === 0) resolve();
      };
      live.watchReports(environment, hear).then((its) => {
        stop = its;
      }, reject);
    });
  } catch (error) {
    // What is live is decided already: not to have heard of it must not look like a failure to publish.
    if (!(error instanceof RegistryError)) throw error;
    return { ...answers, problem: error.message };
  } finally {
    clearTimeout(timer);
    stop?.();
  }
  return answers;
};

/** One that has gone on to a later version has none to say of this one. */
const answersIn = (reports: readonly RouterReport[], version: number, known: ReadonlySet<string>): RouterAnswers => {
  const of = (outcome: RouterReport["outcome"]): RouterReport[] =>
    reports.filter((report) => report.version === version && report.outcome === outcome);
  const answered = new Set(reports.filter((report) => report.version >= version).map(({ router }) => router));
  // Who has left is not waited for.
  const present = new Set(reports.map(({ router }) => router));
  return {
    serving: of("serving").map(({ router }) => router),
    refusals: of("refused").map(({ router, reason }) => ({ router, reason })),
    silent: [...known].filter((router) => present.has(router) && !answered.has(router)),
    problem: null,
  };
};
