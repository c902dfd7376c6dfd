import Table from "cli-table3";
import type { StoredLetter } from "./letters.ts";

const NO_BORDERS = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: " ",
};
const MAX_ERROR = 100;
const MAX_MESSAGE_ID = 44;

/** One line a letter, those of a consumer under its name. */
export const renderTable = (letters: readonly StoredLetter[], now: Date): string => {
  const table = new Table({
    head: ["ID", "SUBJECT", "MESSAGE", "AGE", "ATTEMPTS", "ERROR"],
    chars: NO_BORDERS,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 1 },
  });
  let consumer: string | null = null;
  for (const { id, letter, obstacle } of letters) {
    if (letter.consumer !== consumer) {
      consumer = letter.consumer;
      table.push([{ colSpan: 6, content: printable(`${letter.consumer} (${letter.service})`) }]);
    }
    const error = `${obstacle === null ? "" : "[cannot be replayed] "}${letter.error.split("\n", 1)[0]}`;
    table.push([
      printable(id),
      printable(letter.message.subject),
      shortened(printable(letter.message.envelope.id), MAX_MESSAGE_ID),
      age(letter.at, now),
      String(letter.attempts),
      shortened(printable(error), MAX_ERROR),
    ]);
  }
  return `${table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n")}\n`;
};

/** Everything that is known of one letter. */
export const renderLetter = ({ id, letter, obstacle }: StoredLetter, now: Date): string => {
  const { message, failures } = letter;
  const { envelope } = message;
  const lines = [
    `id           ${id}`,
    `consumer     ${letter.consumer}`,
    `service      ${letter.service}`,
    `buried       ${letter.at} (${age(letter.at, now)} ago)`,
    `attempts     ${letter.attempts}`,
    `replay       ${obstacle === null ? "possible" : `not possible: ${obstacle}`}`,
    `subject      ${message.subject}`,
    `message      ${envelope.id}`,
    `key          ${message.key}`,
    `type         ${envelope.type} v${envelope.version}`,
    `happened     ${envelope.time}`,
    `correlation  ${envelope.correlationId}`,
    `causation    ${envelope.causationId ?? "-"}`,
    ...Object.entries(message.headers ?? {}).map(([name, value]) => `header       ${name}: ${value}`),
  ].map(printable);
  const history = failures.map(({ attempt, at, error }) => printable(`  ${attempt}  ${at}  ${error}`));
  return [
    ...lines,
    "",
    "error",
    ...indented(letter.error),
    "",
    history.length === 0 ? "history      not recorded" : "history",
    ...history,
    "",
    "data",
    ...indented(JSON.stringify(envelope.data, null, 2) ?? "nothing"),
    "",
  ].join("\n");
};

/** What `--json` tells of a letter in a list. */
export const summaryOf = ({ id, letter, obstacle }: StoredLetter) => ({
  id,
  service: letter.service,
  consumer: letter.consumer,
  subject: letter.message.subject,
  messageId: letter.message.envelope.id,
  at: letter.at,
  attempts: letter.attempts,
  error: letter.error.split("\n", 1)[0] ?? "",
  replayable: obstacle === null,
});

/** Whoever can make a message fail must not be able to write to the operator's terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is to be found.
const printable = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/g, "�");

const indented = (text: string): string[] => text.split("\n").map((line) => `  ${printable(line)}`);

const shortened = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`;

const age = (at: string, now: Date): string => {
  const seconds = Math.max(0, Math.floor((now.getTime() - Date.parse(at)) / 1_000));
  if (Number.isNaN(seconds)) return "?";
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
};
