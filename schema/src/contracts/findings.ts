import { apiFindings } from "../changes/api.ts";
import type { Comparison, Subject } from "../check/comparison.ts";
import type { ServableState } from "../check/state.ts";
import { reasonIn } from "../check/unservable.ts";
import { type Finding, finding } from "../findings/finding.ts";
import { errorsOf, isValid } from "../operations/validity.ts";
import type { Contract } from "./filter.ts";
import { variantOf } from "./variant.ts";

/**
 * Each contract's API, made and loaded as a router would, and compared with what it was: a tag that goes takes a field away from those
 * who use the contract, although the whole API has not changed.
 */
export const contractFindings = async ({ head, base, config }: Subject): Promise<Finding[]> => {
  const contracts = Object.entries(config.contracts);
  if (contracts.length === 0) return [];
  const ofWhole = base ? new Set((await apiFindings({ head, base, config })).map(keyOf)) : new Set<string>();
  const findings: Finding[] = [];
  for (const [name, contract] of contracts) {
    const after = variantOf(head, contract);
    if (after.kind === "refused") {
      findings.push(
        finding("CONTRACT_INVALID", {
          coordinate: name,
          message: `The contract ${name} cannot be served: ${reasonIn(after.message)}`,
        }),
      );
      continue;
    }
    findings.push(...brokenOperations(name, contract, head, after.state));
    const before = base && base.supergraphSdl !== head.supergraphSdl ? variantOf(base, contract) : null;
    if (before?.kind !== "loaded") continue;
    const changes = await apiFindings(comparisonOf(contract, after.state, before.state, config));
    findings.push(...changes.filter((one) => !ofWhole.has(keyOf(one))).map((one) => inContract(name, one)));
  }
  return findings;
};

/** Without the severity, which depends on who uses it. */
const keyOf = ({ code, coordinate, message }: Finding): string => JSON.stringify([code, coordinate, message]);

/** Only what the contract's own clients send says anything of who uses it; where they are not told, nobody is known. */
const comparisonOf = (
  { clients }: Contract,
  head: ServableState,
  base: ServableState,
  config: Comparison["config"],
): Comparison => {
  const { operations } = head.revision;
  const own = operations.operations.filter(({ client }) => clients.includes(client));
  const revision = { ...head.revision, operations: { ...operations, operations: own } };
  return { head: { ...head, revision }, base, config };
};

const CODES = { error: "CONTRACT_API_BREAKS", warning: "CONTRACT_API_CHANGES", info: "CONTRACT_API_GROWS" } as const;

const inContract = (name: string, change: Finding): Finding =>
  finding(CODES[change.severity], {
    coordinate: change.coordinate,
    message: `In the contract ${name}: ${change.message}`,
    subgraphs: change.subgraphs,
    locations: change.locations,
    details: [change.code, ...change.details],
  });

const brokenOperations = (
  name: string,
  { clients }: Contract,
  whole: ServableState,
  variant: ServableState,
): Finding[] =>
  whole.revision.operations.operations
    .filter(({ client }) => clients.includes(client))
    .flatMap((operation) => {
      // What the whole API refuses is told once, and elsewhere.
      if (!isValid(whole.api, operation)) return [];
      const errors = errorsOf(variant.api, operation);
      if (errors.length === 0) return [];
      return finding("CONTRACT_OPERATION_BROKEN", {
        coordinate: operation.id,
        message: `${operation.id} asks for what the contract ${name} does not have.`,
        locations: errors.flatMap(({ locations = [] }) =>
          locations.map(({ line, column }) => ({ path: operation.path, line, column, side: "head" as const })),
        ),
        details: errors.map(({ message }) => message),
      });
    });
