/**
 * The resolvers that a subgraph must write, from the types that codegen generated for it (`Resolvers` with every field
 * required, and `ResolversParentTypes`). A field may be left out only where its parent already holds a value of the
 * right type under the field's name; anything else that is missing does not compile.
 */
export type RequiredResolvers<Resolvers, Parents> = {
  [Type in keyof Resolvers as NonTrivialFields<Resolvers[Type], ParentOf<Parents, Type>> extends never
    ? never
    : Type]: TypeResolvers<Resolvers[Type], ParentOf<Parents, Type>>;
} & {
  [Type in keyof Resolvers as NonTrivialFields<Resolvers[Type], ParentOf<Parents, Type>> extends never
    ? Type
    : never]?: TypeResolvers<Resolvers[Type], ParentOf<Parents, Type>>;
};

type TypeResolvers<Fields, Parent> =
  IsScalar<Fields> extends true
    ? Fields
    : { [Field in NonTrivialFields<Fields, Parent> & keyof Fields]: Fields[Field] } & {
        [Field in Exclude<keyof Fields, NonTrivialFields<Fields, Parent>>]?: Fields[Field];
      };

type NonTrivialFields<Fields, Parent> =
  IsScalar<Fields> extends true
    ? "serialize"
    : {
        [Field in keyof Fields]-?: Field extends "__isTypeOf" | "__resolveType"
          ? never
          : Holds<Parent, Field, Fields[Field]> extends true
            ? never
            : Field;
      }[keyof Fields];

type IsScalar<Fields> = Fields extends { serialize: unknown; parseValue: unknown } ? true : false;

type ParentOf<Parents, Type> = Type extends keyof Parents ? Parents[Type] : never;

/** Distributes over a parent that is a union (a row or a bare reference): every member must hold the field. */
type Holds<Parent, Field, Resolver> = [Parent] extends [never]
  ? false
  : false extends (Parent extends unknown ? HoldsOne<Parent, Field, Resolver> : never)
    ? false
    : true;

/** Codegen gives root types a parent that has every field, of type never: that holds nothing. */
type HoldsOne<Parent, Field, Resolver> = Field extends keyof Parent
  ? [Parent[Field]] extends [never]
    ? false
    : [Parent[Field]] extends [Answer<Resolver>]
      ? true
      : false
  : false;

type Answer<Resolver> =
  Extract<Resolver, (...args: never[]) => unknown> extends (...args: never[]) => infer Result ? Awaited<Result> : never;
