import type { GraphQLScalarType } from "graphql";
import { describe, expectTypeOf, it } from "vitest";
import type { RequiredResolvers } from "./resolver-types.ts";

interface OrderRow {
  readonly id: string;
  readonly placedAt: Date;
  readonly total: bigint;
}

type Resolve<Result, Parent> = (parent: Parent) => Result | Promise<Result>;

interface Resolvers {
  DateTime: GraphQLScalarType<Date, string>;
  Query: { order: Resolve<OrderRow | null, unknown> };
  Order: {
    id: Resolve<string, OrderRow>;
    placedAt: Resolve<Date, OrderRow>;
    total: Resolve<{ amount: string }, OrderRow>;
    lines: Resolve<readonly string[], OrderRow>;
  };
  PageInfo: { hasNextPage: Resolve<boolean, { hasNextPage: boolean }> };
}

interface Parents {
  DateTime: Date;
  Query: Record<PropertyKey, never>;
  Order: OrderRow;
  PageInfo: { hasNextPage: boolean };
}

type Required = RequiredResolvers<Resolvers, Parents>;

describe("the resolvers that a subgraph must write", () => {
  const scalars = {} as { DateTime: GraphQLScalarType<Date, string> };
  const Query: Resolvers["Query"] = { order: () => null };
  const total = () => ({ amount: "1.00" });
  const lines = () => ["line"];

  it("are those of fields that the parent does not hold as they are answered", () => {
    expectTypeOf({ ...scalars, Query, Order: { total, lines } }).toExtend<Required>();
  });

  it("may be more than that", () => {
    const id = ({ id: held }: OrderRow) => held;
    expectTypeOf({ ...scalars, Query, Order: { total, lines, id }, PageInfo: {} }).toExtend<Required>();
  });

  it("are wanting without a field that the parent lacks", () => {
    expectTypeOf({ ...scalars, Query, Order: { total } }).not.toExtend<Required>();
  });

  it("are wanting without a field that the parent holds in another type", () => {
    expectTypeOf({ ...scalars, Query, Order: { lines } }).not.toExtend<Required>();
  });

  it("are wanting without a whole type, or a scalar", () => {
    expectTypeOf({ ...scalars, Query }).not.toExtend<Required>();
    expectTypeOf({ ...scalars, Order: { total, lines } }).not.toExtend<Required>();
    expectTypeOf({ Query, Order: { total, lines } }).not.toExtend<Required>();
  });

  it("cover a parent that may be a bare reference: every form of it must hold the field", () => {
    type Referenced = RequiredResolvers<Resolvers, Omit<Parents, "Order"> & { Order: OrderRow | { id: string } }>;
    const placedAt = () => new Date(0);
    expectTypeOf({ ...scalars, Query, Order: { total, lines } }).not.toExtend<Referenced>();
    expectTypeOf({ ...scalars, Query, Order: { total, lines, placedAt } }).toExtend<Referenced>();
  });
});
