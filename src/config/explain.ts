import * as z from "zod";
import { nearestWord } from "../diagnostics/nearest-word.ts";
import type { Path, Tree } from "../yaml/tree.ts";
import type { ConfigCode } from "./codes.ts";
import { bare, isText, type Schema } from "./field.ts";
import { RESERVED_NAMESPACE } from "./schema.ts";

/** What is known about a wrong value beyond that it is wrong. */
export interface Explanation {
  readonly code?: ConfigCode;
  /** Follows the path: "is …", "holds …". */
  readonly says?: string;
  /** Where the field's own words do not fit. */
  readonly expected?: string;
  readonly suggestion?: string;
}

const LONGEST_EXPLAINED = 400;

/** Recognises the mistakes that people make most often; nothing when this is none of them. */
export function explain(path: Path, value: unknown, tree: Tree, schema: Schema): Explanation {
  const field = fieldName(path);
  // Nobody's mistake is so long, and looking for it would take long, too.
  if (tree.kind === "scalar" && tree.source.length > LONGEST_EXPLAINED) return {};
  if (isText(schema) && tree.kind === "scalar" && tree.scalar.type === "boolean") {
    return { says: `is a boolean in YAML 1.1 (${tree.source})`, suggestion: JSON.stringify(tree.source) };
  }
  if (tree.kind === "scalar" && tree.scalar.type === "date") {
    return { says: "is a date in YAML 1.1", ...(isText(schema) && { suggestion: JSON.stringify(tree.source) }) };
  }
  const inner = bare(schema);
  if (inner instanceof z.ZodArray) return listOf(tree);
  if (inner instanceof z.ZodEnum) return oneOf(value, inner.options.map(String));
  if (field === "workspace" || field === "repository") return scopeName(field, value, tree);
  if (field === "labels") return label(value);
  if (field === "namespace") return namespace(value);
  if (field === "memory" || field === "cpu") return quantity(field, value);
  if (field === "scale_up_threshold" || field === "scale_down_threshold") return threshold(value);
  return {};
}

/** One label, written without its list. */
function listOf(tree: Tree): Explanation {
  if (tree.kind !== "scalar" || tree.scalar.type === "null") return {};
  return { suggestion: `[${JSON.stringify(tree.source)}]` };
}

/** The last key of the path: `labels` for an item of it as well. */
function fieldName(path: Path): string | undefined {
  return path.findLast((step) => typeof step === "string");
}

function oneOf(value: unknown, options: readonly string[]): Explanation {
  if (typeof value !== "string") return {};
  const nearest = options.length === 1 ? options[0] : nearestWord(value, options);
  return nearest === undefined ? {} : { suggestion: nearest };
}

function scopeName(field: string, value: unknown, tree: Tree): Explanation {
  if (tree.kind === "map") {
    const [key = "uuid"] = tree.entries.keys();
    return { says: "is a map: braces without quotes mean one in YAML", suggestion: `"{${key}}"` };
  }
  if (typeof value !== "string") return {};
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value)) {
    return { says: "is a UUID without its braces", suggestion: `"{${value}}"` };
  }
  if (/^[{<].*[}>]$/.test(value))
    return {
      code: "placeholder",
      says: `still holds the placeholder ${value}`,
      expected: `the ${field}'s slug, or its UUID in braces`,
    };
  const [first, second] = value.split("/");
  if (field === "repository" && first && second && value === `${first}/${second}`) {
    return { says: "names the workspace as well", suggestion: second };
  }
  return {};
}

function label(value: unknown): Explanation {
  if (typeof value !== "string") return {};
  const better = value
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, ".")
    .replaceAll(/^\.+|\.+$/g, "");
  return better === "" || better === value ? {} : { suggestion: better };
}

function namespace(value: unknown): Explanation {
  if (typeof value !== "string") return {};
  if (value === RESERVED_NAMESPACE) {
    return {
      code: "reserved-namespace",
      says: "is the control plane's own namespace",
      expected: "another namespace",
      suggestion: "default",
    };
  }
  const better = value
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
  return better === "" || better === value ? {} : { suggestion: better };
}

/** `8Gb` → `8Gi`, `512 mb` → `512Mi`, `2 cores` → `2`. */
function quantity(field: "memory" | "cpu", value: unknown): Explanation {
  if (typeof value !== "string") return {};
  const [, number, unit] = /^\s*([0-9]+(?:\.[0-9]+)?|\.[0-9]+)\s*([A-Za-z]*)\s*$/.exec(value) ?? [];
  if (number === undefined || unit === undefined) return {};
  if (field === "cpu") {
    const milli = /^(?:m|milli|millicores?|mcpu)$/i.test(unit);
    const cores = /^(?:|c|cpus?|cores?|vcpus?)$/i.test(unit);
    return milli ? { suggestion: `${number}m` } : cores ? { suggestion: number } : {};
  }
  const [, size] = /^([kmgtp])(?:i|b|ib)?$/i.exec(unit) ?? [];
  if (size === undefined) return {};
  return { suggestion: `${number}${size.toUpperCase()}i` };
}

/** `50` and `50%` → `0.5`. */
function threshold(value: unknown): Explanation {
  const percent =
    typeof value === "number"
      ? value
      : typeof value === "string"
        ? Number(/^\s*([0-9.]+)\s*%\s*$/.exec(value)?.[1])
        : Number.NaN;
  return percent > 1 && percent <= 100 ? { says: "looks like a percentage", suggestion: String(percent / 100) } : {};
}
