import { z } from "zod";
import { RegistryError } from "./errors.ts";

const ENVIRONMENT = /^[a-z][a-z0-9_-]{0,62}$/i;
const ROUTER_ID = /^[a-z0-9][a-z0-9_-]{0,127}$/i;

const Environment = z.string().regex(ENVIRONMENT);
export const ArtifactHash = z.string().regex(/^[0-9a-f]{64}$/);
export const VersionNumber = z.int().min(1);

/** Which artifact is live in an environment. */
const PointerShape = z.object({
  environment: Environment,
  /** Counts what was ever live in the environment, from 1: a rollback is a version, too. */
  version: VersionNumber,
  artifact: ArtifactHash,
  at: z.iso.datetime(),
  by: z.string(),
});

export type Pointer = Readonly<z.output<typeof PointerShape>>;

/** What a router has to say of the last version that it was given. */
const RouterReportShape = z.object({
  router: z.string().regex(ROUTER_ID),
  version: VersionNumber,
  outcome: z.enum(["serving", "refused"]),
  /** Why it is refused. */
  reason: z.string().nullable(),
  at: z.iso.datetime(),
});

export type RouterReport = Readonly<z.output<typeof RouterReportShape>>;

/** @throws RegistryError RECORD_MALFORMED naming `where`. */
export const parsePointer = (text: string, where: string): Pointer => parseRecord(PointerShape, text, where);

/** Null for what is none: what one router writes must not keep others from being heard. */
export const parseRouterReport = (text: string, where: string): RouterReport | null => {
  try {
    return parseRecord(RouterReportShape, text, where);
  } catch (error) {
    if (error instanceof RegistryError) return null;
    throw error;
  }
};

/** @throws RegistryError RECORD_MALFORMED naming `where`. */
export const parseRecord = <Shape extends z.ZodType>(shape: Shape, text: string, where: string): z.output<Shape> => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RegistryError("RECORD_MALFORMED", `${where} is not JSON.`, error);
  }
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new RegistryError("RECORD_MALFORMED", `${where} has another shape: ${z.prettifyError(parsed.error)}`);
};

/** @throws RegistryError NAME_UNUSABLE: it becomes part of keys and file names. */
export const assertRouter = (id: string): void => {
  if (ROUTER_ID.test(id)) return;
  throw new RegistryError(
    "NAME_UNUSABLE",
    `${JSON.stringify(id)} is no name of a router: expected letters, digits, - and _.`,
  );
};

/** @throws RegistryError NAME_UNUSABLE: it becomes part of keys and file names. */
export const assertEnvironment = (name: string): void => {
  if (ENVIRONMENT.test(name)) return;
  throw new RegistryError(
    "NAME_UNUSABLE",
    `${JSON.stringify(name)} is no name of an environment: expected a letter, then letters, digits, - and _, 63 at the most, such as production.`,
  );
};
