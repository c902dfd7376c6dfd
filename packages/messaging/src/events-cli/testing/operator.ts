import { runEventsCli } from "../program.ts";

export interface Ran {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

/** Runs command lines as somebody at a terminal (`answer` given) or a script would. */
export const operator =
  (environment: Readonly<Record<string, string>>, now: () => Date = () => new Date()) =>
  async (
    line: string,
    { answer }: { readonly answer?: string } = {},
  ): Promise<Ran & { readonly questions: readonly string[] }> => {
    const [out, err]: [string[], string[]] = [[], []];
    const questions: string[] = [];
    const exit = await runEventsCli(line.split(" "), environment, {
      out: (text) => void out.push(text),
      err: (text) => void err.push(text),
      ask:
        answer === undefined
          ? null
          : async (question) => {
              questions.push(question);
              return answer;
            },
      now,
    });
    return { exit, out: out.join(""), err: err.join(""), questions };
  };
