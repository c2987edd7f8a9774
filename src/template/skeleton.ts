import { isDeepStrictEqual } from "node:util";
import { isObject, type JsonObject } from "../support/json.ts";
import { resolvePlain } from "../yaml/scalars.ts";
import { manifestsOf } from "./manifests.ts";
import type { TemplateText } from "./template-text.ts";
import { base64, type Variables } from "./variables.ts";
import { printsVerbatim } from "./verbatim.ts";

/** The Secret and the Job that a template makes, before this program's marks. */
export interface Objects {
  readonly secret: JsonObject;
  readonly job: JsonObject;
}

/** The variables that differ between the runners of a group, in the order of {@link RunnerValues}. */
const OF_THE_RUNNER = ["runner_uuid", "oauth_client_id_base64", "oauth_client_secret_base64"] as const;
type RunnerValues = readonly [uuid: string, id: string, secret: string];

const SHAPES = [
  /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  /^[A-Za-z0-9+/]{1,200}={0,2}$/,
  /^[A-Za-z0-9+/]{1,200}={0,2}$/,
];
/** Texts up to this length are far from all limits, whatever the values are. */
const LONGEST_TEXT = 100_000;
/** In a word, the beginning of an anchor, an alias, a tag or a directive: a value behind it would decide what stands elsewhere. */
const NAME_IN_YAML = /(?:^|[[{,])[&*!%]/;

/** Two runners that do not exist; their values are like real ones, and begin and end differently. */
const SAMPLES: readonly [RunnerValues, RunnerValues] = [
  ["a7c3e9f1-4b2d-4f6a-8c1e-9d5b3f7a1c2e", base64("a first client's id"), base64("a first client's secret???")],
  ["10f8b6d4-e3a5-4c97-b2d0-61e84a0c5f97", base64("\u00ff\u00fe a longer client's id"), base64(">>>another secret")],
];

/** Something that substitution cannot be proven for. */
class Unfit extends Error {
  override readonly name = "Unfit";
}

/**
 * Proves that a template does nothing with a runner's values but put them into texts, and keeps what it makes with holes in their place. The
 * proof: the template never looks at the values ({@link printsVerbatim}); they have no character that means something to YAML; and what it
 * makes of two sample runners differs by nothing but their values.
 *
 * @returns what gives the objects of a runner, or undefined for values of another shape; undefined when there is no proof
 * @throws {TemplateError}
 */
export function skeletonOf(
  text: TemplateText,
  variables: Variables,
): ((variables: Variables) => Objects | undefined) | undefined {
  if (!printsVerbatim(text.tree, OF_THE_RUNNER)) return undefined;
  return unlessUnfit(() => {
    const [one, other] = SAMPLES.map((values) => objectsMade(text, variables, values));
    const fill = fillOf(one, SAMPLES[0]);
    if (fill === undefined || !isDeepStrictEqual(fill(SAMPLES[1]), other)) return undefined;
    return (given) => unlessUnfit(() => fill(valuesOf(given)) as Objects);
  });
}

function unlessUnfit<T>(work: () => T | undefined): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof Unfit) return undefined;
    throw error;
  }
}

function valuesOf(variables: Variables): RunnerValues {
  const values = OF_THE_RUNNER.map((name) => variables[name] ?? "");
  if (!values.every((value, index) => SHAPES[index]?.test(value))) throw new Unfit();
  return values as unknown as RunnerValues;
}

function objectsMade(text: TemplateText, variables: Variables, values: RunnerValues): unknown {
  const [uuid, id, secret] = values;
  const made = text.render({
    ...variables,
    runner_uuid: uuid,
    oauth_client_id_base64: id,
    oauth_client_secret_base64: secret,
  });
  if (made.length > LONGEST_TEXT) throw new Unfit();
  const isInName = cut(made, values)
    .own.slice(0, -1)
    .some((before) => NAME_IN_YAML.test(before.split(/\s/).at(-1) ?? ""));
  const isMixed = SAMPLES.some((others) => others !== values && cut(made, others).holes.length > 0);
  if (isInName || isMixed) throw new Unfit();
  const manifests = manifestsOf(made);
  if ("faults" in manifests) throw new Unfit();
  return { secret: manifests.secret.object, job: manifests.job.object };
}

/** A text in pieces: its own, and between them where in `values` the value is that stands there. */
function cut(
  text: string,
  values: RunnerValues,
): { readonly own: readonly string[]; readonly holes: readonly number[] } {
  const pattern = new RegExp(`(${values.map((value) => value.replaceAll(/[+/=]/g, "\\$&")).join("|")})`);
  const pieces = text.split(pattern);
  const isOwn = (_: string, index: number) => index % 2 === 0;
  return {
    own: pieces.filter(isOwn),
    holes: pieces.filter((_, index) => index % 2 === 1).map((value) => values.indexOf(value)),
  };
}

/** What puts other values in the place of these; undefined where there are none of them. */
function fillOf(content: unknown, values: RunnerValues): ((others: RunnerValues) => unknown) | undefined {
  if (typeof content === "string") return fillOfText(content, values);
  const isList = Array.isArray(content);
  if (!isList && !isObject(content)) return undefined;
  const entries = Object.entries(content as JsonObject).map(([key, item]) => ({
    key,
    item,
    fill: fillOf(item, values),
  }));
  if (!isList && entries.some(({ key }) => cut(key, values).holes.length > 0)) throw new Unfit();
  if (entries.every(({ fill }) => fill === undefined)) return undefined;
  if (isList) return (others) => entries.map(({ item, fill }) => (fill === undefined ? item : fill(others)));
  return (others) =>
    Object.fromEntries(entries.map(({ key, item, fill }) => [key, fill === undefined ? item : fill(others)]));
}

function fillOfText(text: string, values: RunnerValues): ((others: RunnerValues) => string) | undefined {
  const { own, holes } = cut(text, values);
  if (holes.length === 0) return undefined;
  return (others) => {
    const filled = own.map((piece, index) => piece + (others[holes[index] ?? -1] ?? "")).join("");
    // Without quotes it may be a number now: the base64 of some ids is all digits.
    if (!["text", "date"].includes(resolvePlain(filled).type)) throw new Unfit();
    return filled;
  };
}
