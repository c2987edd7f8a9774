/** A value while a template runs. */
export interface Value {
  readonly type:
    | "StringValue"
    | "IntegerValue"
    | "FloatValue"
    | "BooleanValue"
    | "NullValue"
    | "UndefinedValue"
    | "ArrayValue"
    | "TupleValue"
    | "ObjectValue"
    | "NamespaceValue"
    | "KeywordArgumentsValue"
    | "FunctionValue";
  readonly value: unknown;
  __bool__(): { readonly value: boolean };
}
