import { readFile } from "node:fs/promises";
import { type KubernetesObject, render } from "./kustomize.ts";

export const OVERLAYS = ["dev", "production"] as const;

export type Overlay = (typeof OVERLAYS)[number];

export const SERVICES = ["users", "products", "orders", "payments"] as const;

type Labels = Readonly<Record<string, string>>;

/** What runs pods: a Deployment or a Job, as far as the tests look at it. */
export interface Workload extends KubernetesObject {
  readonly spec: {
    readonly replicas?: number;
    readonly selector: { readonly matchLabels: Labels };
    readonly strategy?: unknown;
    readonly template: { readonly metadata: { readonly labels: Labels }; readonly spec: Pod };
  };
}

export interface Pod {
  readonly containers: readonly Container[];
  readonly serviceAccountName?: string;
  readonly automountServiceAccountToken?: boolean;
  readonly enableServiceLinks?: boolean;
  readonly securityContext?: unknown;
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
  readonly terminationGracePeriodSeconds?: number;
  readonly volumes?: readonly {
    readonly name: string;
    readonly configMap?: { readonly name: string };
    readonly hostPath?: unknown;
  }[];
  readonly topologySpreadConstraints?: readonly {
    readonly topologyKey: string;
    readonly labelSelector: { readonly matchLabels: Labels };
    readonly matchLabelKeys?: readonly string[];
  }[];
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly env?: readonly {
    readonly name: string;
    readonly value?: string;
    readonly valueFrom?: { readonly secretKeyRef?: { readonly name: string; readonly key: string } };
  }[];
  readonly envFrom?: readonly { readonly configMapRef: { readonly name: string } }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly readinessProbe?: { readonly timeoutSeconds?: number };
  readonly lifecycle?: { readonly preStop?: { readonly sleep?: { readonly seconds: number } } };
  readonly resources?: unknown;
  readonly securityContext?: unknown;
}

export interface Manifest {
  readonly objects: readonly KubernetesObject[];
  readonly namespace: KubernetesObject;
  readonly workloads: readonly Workload[];
  readonly deployments: readonly Workload[];
  /** Of Deployments and Jobs, under the names of these. */
  readonly containers: readonly { readonly name: string; readonly pod: Pod; readonly container: Container }[];
  /** All of a kind, with what of their shape somebody wants to look at. */
  of<Shape = unknown>(kind: string): readonly (KubernetesObject & Shape)[];
}

export interface ConfigMap {
  readonly data: Readonly<Record<string, string>>;
}

/** The objects of a folder below deploy/k8s, as kustomize builds it. */
export const manifestOf = async (folder: string): Promise<Manifest> => {
  const objects = await render(folder);
  const of = <Shape>(kind: string) => objects.filter((object) => object.kind === kind) as (KubernetesObject & Shape)[];
  const [namespace] = of("Namespace");
  if (!namespace) throw new Error(`${folder} has no namespace.`);
  const deployments = of<Workload>("Deployment");
  const workloads = [...deployments, ...of<Workload>("Job")];
  const containers = workloads.flatMap(({ metadata, spec }) => {
    const pod = spec.template.spec;
    return pod.containers.map((container) => ({ name: metadata.name, pod, container }));
  });
  return { objects, namespace, workloads, deployments, containers, of };
};

/** Each overlay, built once by each file of tests. */
export const overlays = async (): Promise<(name: Overlay) => Manifest> => {
  const built = await Promise.all(OVERLAYS.map(async (name) => [name, await manifestOf(`overlays/${name}`)] as const));
  return (name) => {
    const [, manifest] = built.find(([one]) => one === name) ?? [];
    if (!manifest) throw new Error(`There is no overlay ${name}.`);
    return manifest;
  };
};

export const portNamed = (container: Container | undefined, name: string): number | undefined =>
  container?.ports?.find((port) => port.name === name)?.containerPort;

/** The Secrets that containers are given values of, each as often as it is used. */
export const secretsUsed = ({ containers }: Manifest): readonly { readonly secret: string; readonly key: string }[] =>
  containers.flatMap(({ container }) =>
    (container.env ?? []).flatMap(({ valueFrom }) => {
      const reference = valueFrom?.secretKeyRef;
      return reference ? [{ secret: reference.name, key: reference.key }] : [];
    }),
  );

/** A file of the repository. */
export const source = (path: string): Promise<string> => readFile(new URL(`../../../${path}`, import.meta.url), "utf8");
