import type { ASTNode, NameNode } from "graphql";
import type { LINT_KINDS } from "../findings/catalogue/lint.ts";
import type { FindingFacts } from "../findings/finding.ts";
import type { Argument, Directive, Element, EnumValue, Field, InputField, LintGraph, Part, Type } from "./graph.ts";
import type { LintSettings } from "./settings.ts";

export type LintCode = keyof typeof LINT_KINDS;

/** What a rule looks at: it is called for each such thing of the graph, `graph` once and before the others. */
export interface Rule {
  readonly graph?: (lint: Lint) => void;
  readonly type?: (type: Type, lint: Lint) => void;
  /** Of an object or interface. */
  readonly field?: (field: Field, type: Type, lint: Lint) => void;
  /** Of a field; those of directives come with their directive. */
  readonly argument?: (argument: Argument, field: Field, type: Type, lint: Lint) => void;
  readonly inputField?: (field: InputField, type: Type, lint: Lint) => void;
  readonly enumValue?: (value: EnumValue, type: Type, lint: Lint) => void;
  readonly directive?: (directive: Directive, lint: Lint) => void;
}

export interface Lint {
  readonly graph: LintGraph;
  readonly settings: LintSettings;
  readonly report: Report;
}

/**
 * Tells of an element, at the names in `parts`, or where `at` says for each of them; in all that resolve it unless given. What is
 * exempt is not told, and of what is deprecated only what is wrong with the deprecation.
 */
export type Report = <Node extends Named>(
  code: LintCode,
  element: Element<Node>,
  facts: Pick<FindingFacts, "message" | "remedy" | "details">,
  parts?: readonly Part<Node>[],
  at?: (node: Node) => ASTNode,
) => void;

/** A node with a name to point at. */
export type Named = ASTNode & { readonly name: NameNode };
