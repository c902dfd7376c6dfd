import { ExternalSecret } from "@kubernetes-models/external-secrets/external-secrets.io/v1/ExternalSecret";
import { ScaledObject } from "@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject";
import { PodMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor";
import { PrometheusRule } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule";
import { Ajv } from "ajv";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { HorizontalPodAutoscaler } from "kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler";
import { Job } from "kubernetes-models/batch/v1/Job";
import { Ingress } from "kubernetes-models/networking.k8s.io/v1/Ingress";
import { NetworkPolicy } from "kubernetes-models/networking.k8s.io/v1/NetworkPolicy";
import { PodDisruptionBudget } from "kubernetes-models/policy/v1/PodDisruptionBudget";
import { ConfigMap } from "kubernetes-models/v1/ConfigMap";
import { Namespace } from "kubernetes-models/v1/Namespace";
import { PersistentVolumeClaim } from "kubernetes-models/v1/PersistentVolumeClaim";
import { Service } from "kubernetes-models/v1/Service";
import { ServiceAccount } from "kubernetes-models/v1/ServiceAccount";
import cluster from "./cluster.schema.json" with { type: "json" };
import type { KubernetesObject } from "./kustomize.ts";

/** Their validators are compiled from Kubernetes' OpenAPI document and from the operators' own resource definitions. */
const MODELS: Readonly<Record<string, { readonly prototype: { validate(): void } }>> = {
  "v1 Namespace": Namespace,
  "v1 Service": Service,
  "v1 ServiceAccount": ServiceAccount,
  "v1 ConfigMap": ConfigMap,
  "v1 PersistentVolumeClaim": PersistentVolumeClaim,
  "apps/v1 Deployment": Deployment,
  "batch/v1 Job": Job,
  "autoscaling/v2 HorizontalPodAutoscaler": HorizontalPodAutoscaler,
  "policy/v1 PodDisruptionBudget": PodDisruptionBudget,
  "networking.k8s.io/v1 NetworkPolicy": NetworkPolicy,
  "networking.k8s.io/v1 Ingress": Ingress,
  "keda.sh/v1alpha1 ScaledObject": ScaledObject,
  "monitoring.coreos.com/v1 PodMonitor": PodMonitor,
  "monitoring.coreos.com/v1 PrometheusRule": PrometheusRule,
  "external-secrets.io/v1 ExternalSecret": ExternalSecret,
};

/** No package has it: the fields that are used here, and no others. */
const ajv = new Ajv({ allErrors: true });
const validateCluster = ajv.compile(cluster);

/** What is wrong with an object by its schema, fields included that the schema does not know; empty if nothing is. */
export const problemsOf = (object: KubernetesObject): readonly string[] => {
  const type = `${object.apiVersion} ${object.kind}`;
  const name = `${object.kind} ${object.metadata.name}`;
  const read = new Set<string>();
  const error = errorOf(type, watched(object, "", read));
  return [
    ...(error === null ? [] : [`${name}: ${error}`]),
    ...unread(object, "", read).map((path) => `${name}: ${path} is not known`),
  ];
};

const errorOf = (type: string, object: KubernetesObject): string | null => {
  if (type === "postgresql.cnpg.io/v1 Cluster")
    return validateCluster(object) ? null : ajv.errorsText(validateCluster.errors);
  const model = MODELS[type];
  if (!model) return `there is no schema of ${type}`;
  try {
    model.prototype.validate.call(object);
    return null;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
};

/**
 * A compiled validator reads each property that its schema knows, and passes over all others in silence, as the API
 * server would drop them: so a property that nobody has read is a mistake.
 */
const watched = <T extends object>(value: T, path: string, read: Set<string>): T =>
  new Proxy(value, {
    get(target, key, receiver) {
      const found: unknown = Reflect.get(target, key, receiver);
      if (typeof key !== "string" || !Object.hasOwn(target, key)) return found;
      read.add(`${path}/${key}`);
      return typeof found === "object" && found !== null ? watched(found, `${path}/${key}`, read) : found;
    },
  });

const unread = (value: unknown, path: string, read: ReadonlySet<string>): readonly string[] =>
  typeof value !== "object" || value === null
    ? []
    : Object.entries(value).flatMap(([key, below]) => {
        const at = `${path}/${key}`;
        return read.has(at) ? unread(below, at, read) : [at];
      });
