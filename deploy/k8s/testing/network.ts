import type { KubernetesObject } from "./kustomize.ts";

/** Who sends or receives: a pod with its labels, or somebody outside of the cluster, who has none. */
export interface Peer {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Labels;
  readonly ip: string;
  /** Where it listens. */
  readonly ports: readonly number[];
}

type Labels = Readonly<Record<string, string>>;

interface Selector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly { key: string; operator: string; values?: readonly string[] }[];
}

interface Rule {
  readonly from?: readonly PeerSelector[];
  readonly to?: readonly PeerSelector[];
  readonly ports?: readonly { readonly port?: number | string; readonly protocol?: string }[];
}

interface PeerSelector {
  readonly podSelector?: Selector;
  readonly namespaceSelector?: Selector;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}

export interface NetworkPolicy extends KubernetesObject {
  readonly spec: {
    readonly podSelector: Selector;
    readonly policyTypes: readonly ("Ingress" | "Egress")[];
    readonly ingress?: readonly Rule[];
    readonly egress?: readonly Rule[];
  };
}

/**
 * Whether the policies let a TCP connection through, as Kubernetes defines it: a pod that no policy selects for a
 * direction is open in it; of those that select it, one rule is enough; and both ends must agree.
 */
export const mayConnect = (policies: readonly NetworkPolicy[], from: Peer, to: Peer, port: number): boolean =>
  isOpen(policies, "Egress", from, to, port) && isOpen(policies, "Ingress", to, from, port);

const isOpen = (
  policies: readonly NetworkPolicy[],
  direction: "Ingress" | "Egress",
  pod: Peer,
  other: Peer,
  port: number,
): boolean => {
  const selecting = policies.filter(
    ({ metadata, spec }) =>
      pod.labels !== undefined &&
      metadata.namespace === pod.namespace &&
      spec.policyTypes.includes(direction) &&
      matches(spec.podSelector, pod.labels),
  );
  if (selecting.length === 0) return true;
  return selecting.some(({ metadata, spec }) =>
    (direction === "Ingress" ? spec.ingress : spec.egress)?.some((rule) => {
      const peers = direction === "Ingress" ? rule.from : rule.to;
      return (
        (peers === undefined || peers.some((selector) => isSelected(selector, other, metadata.namespace))) &&
        (rule.ports === undefined ||
          rule.ports.some((allowed) => allowed.port === port && (allowed.protocol ?? "TCP") === "TCP"))
      );
    }),
  );
};

const isSelected = (
  { podSelector, namespaceSelector, ipBlock }: PeerSelector,
  { labels, namespace, ip }: Peer,
  home: string | undefined,
): boolean => {
  if (ipBlock) return isWithin(ip, ipBlock.cidr) && !ipBlock.except?.some((range) => isWithin(ip, range));
  if (labels === undefined || namespace === undefined) return false;
  const isNamespace = namespaceSelector
    ? matches(namespaceSelector, { "kubernetes.io/metadata.name": namespace })
    : namespace === home;
  return isNamespace && (podSelector === undefined || matches(podSelector, labels));
};

const matches = ({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean =>
  Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
  matchExpressions.every(({ key, operator, values = [] }) => {
    if (operator !== "In") throw new Error(`Selectors with ${operator} are not understood here.`);
    return values.includes(labels[key] ?? "");
  });

const isWithin = (ip: string, cidr: string): boolean => {
  const [base = "", bits = "32"] = cidr.split("/");
  const size = 2 ** (32 - Number(bits));
  return Math.floor(numberOf(ip) / size) === Math.floor(numberOf(base) / size);
};

const numberOf = (ip: string): number => ip.split(".").reduce((number, byte) => number * 256 + Number(byte), 0);
