import type { Path } from "./tree.ts";

/** Something that keeps a YAML text, or a part of it, from being read. */
export interface YamlProblem {
  readonly kind: YamlProblemKind;
  /** Where to point, as an offset into the text. */
  readonly offset: number;
  /** The map, list or key that is concerned; empty when the text could not be taken apart. */
  readonly path: Path;
  /** What is wrong, without the place. May quote the text, which may hold secrets: {@link YAML_PROBLEM_KINDS} does not. */
  readonly message: string;
  /** The end of the sentence "expected …". */
  readonly expected?: string;
}

/** Every kind of problem, in words that quote nothing. */
export const YAML_PROBLEM_KINDS = {
  syntax: "it is not well-formed YAML",
  tab: "a tab is used as indentation",
  "too-deep": "lists and maps are nested too deeply",
  "too-long": "it has more words and signs than anybody writes",
  "alias-bomb": "aliases multiply its values too often",
  alias: "an alias or a merge leads nowhere",
  tag: "a tag has no meaning",
  key: "a key is not a text",
  "duplicate-key": "a key appears twice in one map",
  number: "a number is too long",
} as const;

export type YamlProblemKind = keyof typeof YAML_PROBLEM_KINDS;
