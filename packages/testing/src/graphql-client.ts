import { type Role, scopesOf } from "@supergraph/contracts";
import {
  createRequestSigner,
  generateSigningKey,
  newId,
  ROUTER_SIGNATURE_HEADER,
  type Viewer,
} from "@supergraph/service";

/** A viewer as the router establishes it from an access token; a fresh CUSTOMER unless told otherwise. */
export const testViewer = ({
  userId = newId("usr"),
  roles = ["CUSTOMER"],
}: {
  readonly userId?: string;
  readonly roles?: readonly Role[];
} = {}): Viewer => ({ userId, sessionId: newId("ses"), roles, scopes: scopesOf(roles) });

export interface TestResponse<T> {
  readonly data?: T;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions?: Readonly<Record<string, unknown>>;
  }[];
}

/** Sends one operation and answers the response as it came; rejects when it is not a GraphQL response. */
export type TestQuery = <T = Record<string, unknown>>(
  query: string,
  variables?: Readonly<Record<string, unknown>>,
) => Promise<TestResponse<T>>;

export interface TestSigner {
  /** What a subgraph takes as `routerPublicKeys`. */
  readonly publicJwks: Awaited<ReturnType<typeof generateSigningKey>>["publicJwks"];
  /** Asks a subgraph at `graphqlUrl` as the router would on behalf of a viewer, null for a guest. */
  client(graphqlUrl: string, subgraph: string): (viewer: Viewer | null) => TestQuery;
}

/** A router's signing key, and clients that sign with it. */
export const createTestSigner = async (): Promise<TestSigner> => {
  const { privateJwk, publicJwks } = await generateSigningKey();
  const signer = await createRequestSigner({ privateJwk });
  return {
    publicJwks,
    client:
      (graphqlUrl, subgraph) =>
      (viewer) =>
      async <T>(query: string, variables: Readonly<Record<string, unknown>> = {}) => {
        const body = JSON.stringify({ query, variables });
        const signature = await signer.sign({ subgraph, body, caller: { viewer, correlationId: newId("req") } });
        const response = await fetch(graphqlUrl, {
          method: "POST",
          headers: {
            "content-type": "application/json",
            accept: "application/graphql-response+json, application/json",
            [ROUTER_SIGNATURE_HEADER]: signature,
          },
          body,
        });
        const text = await response.text();
        if (!isGraphQLResponse(text))
          throw new Error(`${graphqlUrl} answered ${response.status} with no GraphQL response: ${text.slice(0, 500)}`);
        return JSON.parse(text) as TestResponse<T>;
      },
  };
};

const isGraphQLResponse = (text: string): boolean => {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === "object" && body !== null && ("data" in body || "errors" in body);
  } catch {
    return false;
  }
};
