import type { ScalarTag } from "yaml";
import { resolvePlain } from "../yaml/scalars.ts";

/** An unquoted scalar that YAML 1.1 does not take for text, with what was written. */
export class PlainScalar {
  readonly value: boolean | number | null;
  readonly source: string;

  constructor(value: boolean | number | null, source: string) {
    this.value = value;
    this.source = source;
  }
}

const TAG_NAMES = { null: "null", boolean: "bool", integer: "int", float: "float" } as const;

/** One tag for each kind of scalar that is not text. A date stays text: nothing that a runner is made of has another use for it. */
export function plainScalarTags(): ScalarTag[] {
  return Object.entries(TAG_NAMES).map(([type, name]) => ({
    tag: `tag:yaml.org,2002:${name}`,
    default: true,
    // All that the reader asks of a pattern is whether it fits.
    test: { test: (source: string) => resolvePlain(source).type === type } as RegExp,
    resolve(source: string) {
      const { value } = resolvePlain(source);
      return typeof value === "string" ? value : new PlainScalar(value, source);
    },
  }));
}
