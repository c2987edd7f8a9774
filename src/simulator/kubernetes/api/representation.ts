import type { KubeObject } from "../objects.ts";
import { apiVersionOf, type Resource } from "../resources.ts";
import { ApiError } from "./api-error.ts";
import type { Page } from "./list.ts";
import { partialObject, tableOf } from "./tables/tables.ts";

/** How a client wants to see objects: whole, their metadata alone, or as a table's rows. */
export type View = "object" | "partial" | "table";

/**
 * The first form of the `Accept` header that this server has.
 *
 * @throws {ApiError} 406 when there is none, or it does not fit what is asked for.
 */
export function viewFor(accept: string | undefined, resource: Resource, what: "one" | "many"): View {
  for (const part of (accept ?? "*/*").split(",")) {
    const [type = "", ...parameters] = part.split(";").map((piece) => piece.trim());
    if (!["application/json", "application/*", "*/*"].includes(type)) continue;
    const as = parameters.find((parameter) => parameter.startsWith("as="))?.slice("as=".length);
    if (as === undefined) return "object";
    if (!parameters.includes("g=meta.k8s.io") || !parameters.includes("v=v1")) continue;
    if (as === "Table") return "table";
    if (as === "PartialObjectMetadata" && what === "one") return "partial";
    if (as === "PartialObjectMetadataList" && what === "many") return "partial";
    if (as === "PartialObjectMetadata")
      throw wrongForm(`${as}, but the requested object is a list (*core.${resource.kind}List)`);
    if (as === "PartialObjectMetadataList")
      throw wrongForm(`${as}, but the requested object is not a list (*core.${resource.kind})`);
  }
  throw new ApiError(406, "NotAcceptable", "406: Not Acceptable\n\nAvailable representations: application/json", {});
}

function wrongForm(what: string): ApiError {
  return new ApiError(406, "NotAcceptable", `you requested ${what}`);
}

/** One object in the form that was asked for. */
export function represent(
  resource: Resource,
  object: KubeObject,
  view: View,
  include: TableInclude,
  nowMs: number,
): unknown {
  if (view === "object") return object;
  if (view === "partial") return partialObject(object);
  return tableOf(resource, [object], { resourceVersion: object.metadata.resourceVersion }, include, nowMs);
}

/** `includeObject`: how much of each object goes with its row. */
export type TableInclude = "Metadata" | "Object" | "None";

export function includeOf(query: URLSearchParams): TableInclude {
  const asked = query.get("includeObject");
  return asked === "Object" || asked === "None" ? asked : "Metadata";
}

/** Many objects in the form that was asked for, as JSON. */
export function representPage(
  resource: Resource,
  { items, metadata }: Page,
  view: View,
  include: TableInclude,
  nowMs: number,
): string {
  if (view === "table") return JSON.stringify(tableOf(resource, items, metadata, include, nowMs));
  if (view === "partial") {
    const partial = { kind: "PartialObjectMetadataList", apiVersion: "meta.k8s.io/v1", metadata };
    return JSON.stringify({ ...partial, items: items.map(partialObject) });
  }
  const head = JSON.stringify({ kind: `${resource.kind}List`, apiVersion: apiVersionOf(resource), metadata });
  return `${head.slice(0, -1)},"items":[${items.map(itemText).join(",")}]}`;
}

/** Objects never change, so neither does their text. */
const itemTexts = new WeakMap<KubeObject, string>();

/** As an element of a list, an object does not repeat what kind it is. */
function itemText(object: KubeObject): string {
  let text = itemTexts.get(object);
  if (text === undefined) {
    const { apiVersion: _, kind: __, ...rest } = object;
    text = JSON.stringify(rest);
    itemTexts.set(object, text);
  }
  return text;
}
