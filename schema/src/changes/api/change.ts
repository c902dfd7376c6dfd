import type { SerializableChange } from "@graphql-inspector/core";
import type { GraphQLSchema } from "graphql";
import type { ApiFindingCode } from "../../findings/catalogue/api.ts";
import type { Hurts } from "../known-use.ts";

/** One change of what clients see. */
export interface ApiChange {
  readonly code: ApiFindingCode;
  readonly coordinate: string | null;
  readonly message: string;
  /** `added` is told without its parts; the place of what is `removed` is the base's. */
  readonly what: "added" | "removed" | "changed";
  /** Whom it hurts: where nobody is hurt, or only by being surprised, it is not breaking. */
  readonly hurts?: Hurts;
  /** Instead of the catalogue's, for what is no break. */
  readonly severity?: "info" | "warning";
  readonly details?: readonly string[];
}

export interface Schemas {
  readonly before: GraphQLSchema;
  readonly after: GraphQLSchema;
}

type ChangeOf<Type extends SerializableChange["type"]> = Extract<SerializableChange, { readonly type: Type }>;

/** How changes of one kind are told; null for what another change tells already. */
export type Translation = {
  readonly [Type in SerializableChange["type"]]?: (meta: ChangeOf<Type>["meta"], schemas: Schemas) => ApiChange | null;
};

/** `Money!` → `Money`, `[A!]!` → `[A]`. */
export const withoutNonNull = (type: string): string => type.replaceAll("!", "");

export const wasDeprecated = (reason: string | null | undefined): string[] => [
  reason === null || reason === undefined ? "It was not deprecated before." : `It was deprecated: ${reason}`,
];
