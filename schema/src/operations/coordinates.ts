import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLInputObjectType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isNonNullType,
  Kind,
  TypeInfo,
  type ValueNode,
  type VariableDefinitionNode,
  visit,
  visitWithTypeInfo,
} from "graphql";

/** `possible`: within a variable, whose value nobody knows. */
export type Certainty = "certain" | "possible";

/** What an operation says about a schema, by exact coordinates. */
export interface OperationUse {
  /**
   * Types, fields, arguments, input fields, enum values and directives that it names, sends or is answered. A field that is selected
   * through an interface is also used of every type that it may stand for there.
   */
  readonly used: ReadonlyMap<string, Certainty>;
  /** Arguments, and fields of input objects, that it could give where it is and does not: their defaults hold. */
  readonly omitted: ReadonlyMap<string, Certainty>;
  /** `Search>Product`: it asks for what is a `Product` among what is a `Search`. */
  readonly narrowed: ReadonlySet<string>;
}

/**
 * Of one operation with fragments; those that it does not spread count for nothing. What `schema` does not know is left out: the
 * document need not be valid, and fragments may be cyclic.
 */
export const usedCoordinates = (schema: GraphQLSchema, document: DocumentNode): OperationUse => {
  const reader = new Reader(schema);
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  for (const node of document.definitions) if (node.kind === Kind.OPERATION_DEFINITION) reader.read(node, fragments);
  // A set that is iterated meets what is added meanwhile.
  for (const name of reader.spread) {
    const fragment = fragments.get(name);
    if (fragment) reader.read(fragment, fragments);
  }
  return reader;
};

class Reader implements OperationUse {
  readonly used = new Map<string, Certainty>();
  readonly omitted = new Map<string, Certainty>();
  readonly narrowed = new Set<string>();
  readonly spread = new Set<string>();
  private readonly schema: GraphQLSchema;
  private readonly sentWhole = new Set<GraphQLInputObjectType>();

  constructor(schema: GraphQLSchema) {
    this.schema = schema;
  }

  read(root: Parameters<typeof visit>[0], fragments: ReadonlyMap<string, FragmentDefinitionNode>): void {
    const info = new TypeInfo(this.schema);
    // The object types that are possible in the selection sets around the visitor.
    const scopes: ReadonlySet<GraphQLObjectType>[] = [];
    visit(
      root,
      visitWithTypeInfo(info, {
        SelectionSet: {
          enter: (_, __, parent) => {
            const type = info.getParentType();
            const around = scopes.at(-1);
            const isWithin = parent !== undefined && "kind" in parent && parent.kind === Kind.INLINE_FRAGMENT;
            scopes.push(type ? this.possible(type, isWithin ? around : undefined) : new Set());
            if (type) this.use(type.name);
          },
          leave: () => {
            scopes.pop();
          },
        },
        // Until its selection set is entered, the parent's type is that of what is around it.
        InlineFragment: ({ typeCondition }) => this.narrow(info.getParentType(), typeCondition?.name.value),
        FragmentSpread: ({ name }) => {
          this.spread.add(name.value);
          this.narrow(info.getParentType(), fragments.get(name.value)?.typeCondition.name.value);
        },
        Field: (node) => this.field(node, info, scopes.at(-1) ?? new Set()),
        Directive: (node) => this.directive(node, info),
        VariableDefinition: (node) => this.variable(node),
        Argument: (node) => this.literal(node.value, info.getArgument()?.type),
      }),
    );
  }

  private narrow(from: GraphQLCompositeType | null | undefined, to: string | undefined): void {
    if (to === undefined) return;
    this.use(to);
    if (from && from.name !== to) this.narrowed.add(`${from.name}>${to}`);
  }

  private possible(
    type: GraphQLCompositeType,
    within: ReadonlySet<GraphQLObjectType> | undefined,
  ): ReadonlySet<GraphQLObjectType> {
    const types = isAbstractType(type) ? this.schema.getPossibleTypes(type) : [type];
    return new Set(within ? types.filter((one) => within.has(one)) : types);
  }

  private field(node: FieldNode, info: TypeInfo, scope: ReadonlySet<GraphQLObjectType>): void {
    const parent = info.getParentType();
    const definition = info.getFieldDef();
    if (!parent || !definition) return;
    const name = definition.name;
    const owners = new Set<string>([parent.name]);
    if (isInterfaceType(parent) && !name.startsWith("__")) for (const type of scope) owners.add(type.name);
    for (const owner of owners) {
      this.use(`${owner}.${name}`);
      this.arguments(`${owner}.${name}`, definition.args, node.arguments);
    }
    this.answer(getNamedType(definition.type));
  }

  private answer(type: GraphQLNamedType): void {
    this.use(type.name);
    if (isEnumType(type)) for (const { name } of type.getValues()) this.use(`${type.name}.${name}`);
  }

  private arguments(of: string, defined: readonly GraphQLArgument[], given: FieldNode["arguments"] = []): void {
    for (const { name } of defined)
      if (given.some((argument) => argument.name.value === name)) this.use(`${of}(${name}:)`);
      else this.omit(`${of}(${name}:)`);
  }

  private directive({ name, arguments: given }: DirectiveNode, info: TypeInfo): void {
    const directive = info.getDirective();
    if (!directive) return;
    this.use(`@${name.value}`);
    this.arguments(`@${name.value}`, directive.args, given);
  }

  /** Of a literal exactly what it says; of a variable in it {@link variable} tells. */
  private literal(value: ValueNode, type: Parameters<typeof getNamedType>[0]): void {
    const named = getNamedType(type);
    if (!named) return;
    this.use(named.name);
    if (value.kind === Kind.LIST) for (const item of value.values) this.literal(item, named);
    else if (value.kind === Kind.ENUM && isEnumType(named)) {
      if (named.getValue(value.value)) this.use(`${named.name}.${value.value}`);
    } else if (value.kind === Kind.OBJECT && isInputObjectType(named)) {
      const given = new Map(value.fields.map((field) => [field.name.value, field.value]));
      for (const field of Object.values(named.getFields())) {
        const its = given.get(field.name);
        if (its === undefined) this.omit(`${named.name}.${field.name}`);
        else {
          this.use(`${named.name}.${field.name}`);
          this.literal(its, field.type);
        }
      }
    }
  }

  private variable({ type, defaultValue }: VariableDefinitionNode): void {
    let node = type;
    while (node.kind !== Kind.NAMED_TYPE) node = node.type;
    const named = this.schema.getType(node.name.value);
    if (!named) return;
    this.use(named.name);
    this.sent(named);
    if (defaultValue) this.literal(defaultValue, named);
  }

  /** Whatever the type allows may be in it, or not. */
  private sent(type: GraphQLNamedType): void {
    if (isEnumType(type)) for (const { name } of type.getValues()) this.use(`${type.name}.${name}`, "possible");
    if (!isInputObjectType(type) || this.sentWhole.has(type)) return;
    this.sentWhole.add(type);
    for (const field of Object.values(type.getFields())) {
      const named = getNamedType(field.type);
      this.use(`${type.name}.${field.name}`, "possible");
      this.use(named.name, "possible");
      if (!isNonNullType(field.type) || field.defaultValue !== undefined)
        this.omit(`${type.name}.${field.name}`, "possible");
      this.sent(named);
    }
  }

  private use(coordinate: string, certainty: Certainty = "certain"): void {
    if (this.used.get(coordinate) !== "certain") this.used.set(coordinate, certainty);
  }

  private omit(coordinate: string, certainty: Certainty = "certain"): void {
    if (this.omitted.get(coordinate) !== "certain") this.omitted.set(coordinate, certainty);
  }
}
