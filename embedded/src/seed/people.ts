import type { Role } from "@supergraph/contracts";
import { createRandom, seededId } from "./random.ts";

export interface SeedAddress {
  readonly id: string;
  readonly line1: string;
  readonly line2: string | null;
  readonly city: string;
  readonly region: string | null;
  readonly postalCode: string;
  readonly country: string;
  readonly isDefault: boolean;
}

export interface SeedPerson {
  readonly id: string;
  readonly email: string;
  readonly password: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly createdAt: Date;
  readonly addresses: readonly SeedAddress[];
}

export interface SignIn {
  readonly label: string;
  readonly email: string;
  readonly password: string;
}

/** The accounts that the README and the playground offer. Example data: these passwords are public. */
export const signIns = {
  customer: { label: "Customer (Ada)", email: "ada@example.com", password: "ada-loves-tents" },
  support: { label: "Support (Sam)", email: "sam@example.com", password: "sam-helps-people" },
  admin: { label: "Admin (Grace)", email: "grace@example.com", password: "grace-runs-the-shop" },
} satisfies Record<string, SignIn>;

const OTHERS = [
  ["Bruno Keller", "Lindenstraße 12", "Berlin", "10969", "DE"],
  ["Chloé Martin", "18 rue des Martyrs", "Paris", "75009", "FR"],
  ["Daan de Vries", "Prinsengracht 263", "Amsterdam", "1016 GV", "NL"],
  ["Elena Rossi", "Via Garibaldi 7", "Torino", "10122", "IT"],
  ["Freja Lund", "Nørrebrogade 40", "København", "2200", "DK"],
  ["Gaël Peeters", "Meir 21", "Antwerpen", "2000", "BE"],
  ["Hanna Nowak", "ul. Długa 5", "Kraków", "31-146", "PL"],
  ["Íñigo Ruiz", "Calle Mayor 3", "Bilbao", "48005", "ES"],
  ["Jānis Ozols", "Brīvības iela 88", "Rīga", "LV-1001", "LV"],
] as const;

/** Ada, Sam and Grace, who can sign in, and customers whose orders fill the history. */
export const makePeople = (): SeedPerson[] => {
  const random = createRandom(1815);
  const joined = (day: number) => new Date(Date.UTC(2024, 2, day, 9, 30));
  const person = (
    index: number,
    fields: Omit<SeedPerson, "id" | "createdAt" | "addresses">,
    home: Home,
  ): SeedPerson => ({
    ...fields,
    id: seededId("usr", joined(index + 1), random),
    createdAt: joined(index + 1),
    addresses: [
      { id: seededId("adr", joined(index + 1), random), ...home, line2: null, region: null, isDefault: true },
    ],
  });
  return [
    person(
      0,
      { ...withoutLabel(signIns.customer), name: "Ada Lindqvist", roles: ["CUSTOMER"] },
      home("Sveavägen 44", "Stockholm", "111 34", "SE"),
    ),
    person(
      1,
      { ...withoutLabel(signIns.support), name: "Sam Okafor", roles: ["SUPPORT"] },
      home("Hauptplatz 1", "Graz", "8010", "AT"),
    ),
    person(
      2,
      { ...withoutLabel(signIns.admin), name: "Grace Ferreira", roles: ["ADMIN"] },
      home("Rua Augusta 100", "Lisboa", "1100-053", "PT"),
    ),
    ...OTHERS.map(([name, line1, city, postalCode, country], index) =>
      person(
        index + 3,
        {
          email: `customer${index + 1}@example.com`,
          // Nobody signs in as these: a password that no one can know.
          password: crypto.randomUUID() + crypto.randomUUID(),
          name,
          roles: ["CUSTOMER"],
        },
        home(line1, city, postalCode, country),
      ),
    ),
  ];
};

type Home = Pick<SeedAddress, "line1" | "city" | "postalCode" | "country">;

const home = (line1: string, city: string, postalCode: string, country: string): Home => ({
  line1,
  city,
  postalCode,
  country,
});

const withoutLabel = ({ email, password }: SignIn): { email: string; password: string } => ({ email, password });
