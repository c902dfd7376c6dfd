import type { ServableState } from "../check/state.ts";
import { apiSdlOf } from "../composition/api-sdl.ts";
import { type Finding, finding } from "../findings/finding.ts";
import { describeDifference } from "./line-difference.ts";

/** A file that is committed and must follow from the schema. */
export type CommittedFile =
  | { readonly kind: "supergraph" | "api"; readonly path: string; readonly text: string | null }
  | {
      readonly kind: "generated";
      readonly path: string;
      readonly text: string | null;
      /** `sha256:` of what it must have been generated from. */
      readonly digest: string;
      readonly command: string;
    };

/** Committed files that are not what the head gives. */
export const driftFindings = ({ supergraphSdl, api }: ServableState, committed: readonly CommittedFile[]): Finding[] =>
  committed.flatMap((file) => {
    const { path, text } = file;
    const locations = [{ path, line: 1, column: 1, side: "head" as const }];
    if (text === null)
      return finding("ARTIFACT_MISSING", {
        message: `There is no ${path}.`,
        ...(file.kind === "generated" ? { remedy: `Run \`${file.command}\` and commit what it writes.` } : {}),
      });
    if (file.kind === "generated")
      return text.includes(file.digest)
        ? []
        : finding("GENERATED_STALE", {
            message: `${path} was not generated from the schema and operations as they are.`,
            locations,
            remedy: `Run \`${file.command}\` and commit what it writes.`,
          });
    const expected = file.kind === "supergraph" ? supergraphSdl : apiSdlOf(api);
    return text === expected
      ? []
      : finding("ARTIFACT_STALE", {
          message: `${path} is not what the subgraphs compose to.`,
          locations,
          details: describeDifference(text, expected),
        });
  });
