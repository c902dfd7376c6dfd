import { type SignIn, signIns } from "./seed/people.ts";

export interface BannerFacts {
  readonly endpoint: string;
  readonly playground: string | null;
  readonly dataDirectory: string;
  readonly bus: string;
  readonly startedInMs: number;
}

/** What a person needs to know once everything runs, on one screen. */
export const banner = ({ endpoint, playground, dataDirectory, bus, startedInMs }: BannerFacts): string => `
Supergraph is up (${(startedInMs / 1000).toFixed(1)} s). Ctrl-C stops it.

  Endpoint    ${endpoint}
  Playground  ${playground ?? "off"}
  Sign-ins    ${Object.values(signIns).map(describeSignIn).join("\n              ")}
  Data        ${dataDirectory}   (npm run reset starts afresh)
  Bus         ${bus}

Paste into the playground:

  { products(search: "tent", first: 3) { edges { node { title slug priceRange { min { amount currency } } } } } }

  mutation { login(input: { email: "${signIns.customer.email}", password: "${signIns.customer.password}" }) { accessToken } }

  { me { name orders(first: 3) { edges { node { number status total { amount } payment { status } } } } } }
`;

const describeSignIn = ({ label, email, password }: SignIn): string =>
  `${email.padEnd(20)} ${password.padEnd(20)} ${label}`;
