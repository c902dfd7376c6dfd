import type { LetterStore, Outcome, StoredLetter } from "./letters.ts";
import { renderLetter, renderTable, summaryOf } from "./render.ts";
import { type Filter, filterLetters, type Selection, UsageError } from "./selection.ts";

/** What the process ends with. */
export const EXIT = { done: 0, failed: 1, usage: 2, nothingFound: 3 } as const;
type Exit = (typeof EXIT)[keyof typeof EXIT];

/** What commands talk to, so that they can be tried without a terminal. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Null where nobody can be asked. */
  readonly ask: ((question: string) => Promise<string>) | null;
  now(): Date;
}

export interface ChangeOptions {
  readonly dryRun: boolean;
  readonly json: boolean;
}

export const list = async (
  store: LetterStore,
  filter: Filter,
  { json }: { readonly json: boolean },
  terminal: Terminal,
): Promise<Exit> => {
  const letters = filterLetters(await store.list(), filter, terminal.now());
  if (json) terminal.out(toJson(letters.map(summaryOf)));
  else if (letters.length === 0) terminal.out(`No dead letters at ${store.place}.\n`);
  else terminal.out(`${renderTable(letters, terminal.now())}\n${count(letters)} at ${store.place}.\n`);
  return EXIT.done;
};

export const show = async (
  store: LetterStore,
  id: string,
  { json }: { readonly json: boolean },
  terminal: Terminal,
): Promise<Exit> => {
  const stored = await store.find(id);
  if (stored === null) return tellUnknown([id], store, terminal);
  const { letter, obstacle } = stored;
  terminal.out(json ? toJson({ id, ...letter, obstacle }) : renderLetter(stored, terminal.now()));
  return EXIT.done;
};

export const replay = async (
  store: LetterStore,
  selection: Selection,
  options: ChangeOptions,
  terminal: Terminal,
): Promise<Exit> => {
  const letters = await select(store, selection, terminal);
  if (letters === null) return EXIT.nothingFound;
  const change = { verb: "replay", past: "replayed", run: (stored: StoredLetter) => store.replay(stored) };
  const refusal = ({ obstacle }: StoredLetter) => obstacle;
  return changeAll(letters, { ...change, refusal }, options, terminal);
};

/** Asks first, unless `yes`. */
export const discard = async (
  store: LetterStore,
  selection: Selection,
  options: ChangeOptions & { readonly yes: boolean },
  terminal: Terminal,
): Promise<Exit> => {
  const letters = await select(store, selection, terminal);
  if (letters === null) return EXIT.nothingFound;
  if (!options.dryRun && !options.yes && !(await agrees(letters, store, terminal))) {
    terminal.err("Nothing was discarded.\n");
    return EXIT.usage;
  }
  const change = { verb: "discard", past: "discarded", run: (stored: StoredLetter) => store.discard(stored) };
  return changeAll(letters, { ...change, refusal: () => null }, options, terminal);
};

/** Null, and said so, when there are none, or when one of several ids is unknown: then nothing at all is done. */
const select = async (
  store: LetterStore,
  selection: Selection,
  terminal: Terminal,
): Promise<readonly StoredLetter[] | null> => {
  if (selection.kind === "filter") {
    const letters = filterLetters(await store.list(), selection.filter, terminal.now());
    if (letters.length > 0) return letters;
    terminal.err(`No dead letters at ${store.place} match.\n`);
    return null;
  }
  const found = await Promise.all(selection.ids.map(async (id) => ({ id, stored: await store.find(id) })));
  const unknown = found.filter(({ stored }) => stored === null).map(({ id }) => id);
  if (unknown.length > 0) {
    tellUnknown(unknown, store, terminal);
    return null;
  }
  return found.flatMap(({ stored }) => stored ?? []);
};

const tellUnknown = (ids: readonly string[], store: LetterStore, terminal: Terminal): Exit => {
  const which = ids.length === 1 ? `a dead letter ${ids[0]}` : `dead letters ${ids.join(", ")}`;
  terminal.err(`There is not ${which} at ${store.place}: \`list\` shows those that are there. Nothing was changed.\n`);
  return EXIT.nothingFound;
};

const agrees = async (
  letters: readonly StoredLetter[],
  store: LetterStore,
  { ask, out, now }: Terminal,
): Promise<boolean> => {
  if (ask === null)
    throw new UsageError(
      "Discarding is for ever, and nobody is there to be asked: add --yes to do it, or --dry-run to see what would be done.",
    );
  out(renderTable(letters, now()));
  const answer = await ask(`Discard ${count(letters)} at ${store.place} for ever? Type yes: `);
  return answer.trim().toLowerCase() === "yes";
};

interface Change {
  readonly verb: string;
  readonly past: string;
  readonly run: (stored: StoredLetter) => Promise<Outcome>;
  /** Why it is not tried. */
  readonly refusal: (stored: StoredLetter) => string | null;
}

/** One after another, in the order of the list, so that messages of a key come again as they came. */
const changeAll = async (
  letters: readonly StoredLetter[],
  { verb, past, run, refusal }: Change,
  { dryRun, json }: ChangeOptions,
  terminal: Terminal,
): Promise<Exit> => {
  const results: { stored: StoredLetter; outcome: Outcome }[] = [];
  for (const stored of letters) {
    const reason = refusal(stored);
    const outcome: Outcome =
      reason !== null ? { kind: "refused", reason } : dryRun ? { kind: "done" } : await run(stored);
    results.push({ stored, outcome });
    if (!json) terminal.out(line(stored, outcome, dryRun ? `would ${verb}` : past));
  }
  const changed = results.filter(({ outcome }) => outcome.kind === "done").map(({ stored }) => stored);
  const rest = results.length - changed.length;
  if (json) {
    const outcomes = results.map(({ stored, outcome }) => ({
      ...summaryOf(stored),
      outcome: outcome.kind === "done" ? (dryRun ? `would ${verb}` : past) : outcome.kind,
      reason: outcome.kind === "done" ? null : outcome.reason,
    }));
    terminal.out(toJson(outcomes));
  } else {
    const doing = dryRun ? `Would ${verb} ${count(changed)}` : `${count(changed)} ${past}`;
    terminal.out(`${doing}${rest > 0 ? `, ${rest} not` : ""}.${dryRun ? " Nothing was changed." : ""}\n`);
  }
  return rest > 0 ? EXIT.failed : EXIT.done;
};

const line = ({ id, letter }: StoredLetter, outcome: Outcome, done: string): string => {
  const which = `${id}  ${letter.consumer}  ${letter.message.envelope.id}`;
  if (outcome.kind === "done") return `${done}  ${which}\n`;
  return `${outcome.kind === "refused" ? "cannot" : "FAILED"}  ${which}: ${outcome.reason}\n`;
};

const count = (letters: readonly unknown[]): string =>
  letters.length === 1 ? "1 dead letter" : `${letters.length} dead letters`;

const toJson = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
