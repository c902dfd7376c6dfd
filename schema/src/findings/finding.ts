import { createHash } from "node:crypto";
import { CATALOGUE, type FindingCode } from "./catalogue.ts";

export const SEVERITIES = ["error", "warning", "info"] as const;

/** `error` blocks unless it is approved, `warning` asks for a look, `info` tells. */
export type Severity = (typeof SEVERITIES)[number];

/** Which of the two states that are compared: what is proposed, or what it is held against. */
export type Side = "head" | "base";

export interface Location {
  /** Relative to the repository's root, with `/`. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** `base` for what is gone: the place is that of the base's file. */
  readonly side: Side;
}

/** One thing that a check has to say. */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** `Product`, `Product.price`, `Query.products(first:)`, `Role.ADMIN`, `@cost(weight:)`, an event's subject; null where it is about none. */
  readonly coordinate: string | null;
  /** The subgraphs whose owners are concerned, sorted. */
  readonly subgraphs: readonly string[];
  /** Most telling first; empty where there is no place to tell. */
  readonly locations: readonly Location[];
  /**
   * What is so, in one sentence or two. Together with code, coordinate and subgraphs it is what a finding is known by: nothing that
   * differs from run to run or moves with lines belongs here, such as figures of traffic.
   */
  readonly message: string;
  /** Evidence: the operations that it hurts, the reasons that composition gives. One line each. */
  readonly details: readonly string[];
  /** How to mend it, for this very finding. */
  readonly remedy: string;
}

export interface FindingFacts {
  readonly message: string;
  /** The catalogue's unless given. */
  readonly severity?: Severity;
  readonly coordinate?: string | null;
  readonly subgraphs?: readonly string[];
  readonly locations?: readonly Location[];
  readonly details?: readonly string[];
  /** The catalogue's unless given. */
  readonly remedy?: string;
}

export const finding = (code: FindingCode, facts: FindingFacts): Finding => ({
  code,
  severity: facts.severity ?? CATALOGUE[code].severity,
  coordinate: facts.coordinate ?? null,
  subgraphs: [...new Set(facts.subgraphs ?? [])].sort(),
  locations: facts.locations ?? [],
  message: facts.message,
  details: facts.details ?? [],
  remedy: facts.remedy ?? CATALOGUE[code].remedy,
});

/** What a finding is known by from one check to the next, and approved by: 12 hexadecimal digits. */
export const fingerprintOf = ({ code, coordinate, subgraphs, message }: Finding): string =>
  createHash("sha256")
    .update(JSON.stringify([code, coordinate, subgraphs, message]))
    .digest("hex")
    .slice(0, 12);
