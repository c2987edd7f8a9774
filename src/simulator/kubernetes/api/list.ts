import type { KubeObject } from "../objects.ts";
import type { Resource } from "../resources.ts";
import { keyOfObject, type Store } from "../store.ts";
import { ApiError, badRequest, expired, invalidOptions } from "./api-error.ts";
import { fieldSelector, isRecord, labelSelector, type Selector } from "./selectors.ts";

/** One page of a list, all of it as of one revision. */
export interface Page {
  readonly items: readonly KubeObject[];
  /** `metadata` of the list. */
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
}

/** Where a paged list goes on: after the object of that key, as of that revision (-1: as of now). */
interface Token {
  readonly rv: number;
  readonly start: string;
}

const TOKEN_VERSION = "meta.k8s.io/v1";
const CONTINUE_TOO_OLD =
  "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.";

/**
 * A list, or the next page of one.
 *
 * @throws {ApiError} 400 on bad parameters; 410 when the revision it asks for is forgotten; 504 when that lies in the future.
 */
export function listPage(
  store: Store,
  resource: Resource,
  namespace: string | undefined,
  query: URLSearchParams,
): Page {
  const selector = selectorOf(resource, query);
  const limit = wholeNumber(query.get("limit"), "strconv.ParseInt");
  const token = readToken(query.get("continue"));
  const revision = token === undefined ? askedRevision(store, query) : token.rv;
  const all = objectsAt(store, resource, namespace, revision, token);
  const picked = all.filter((object) => selector(object) && (token === undefined || keyOfObject(object) > token.start));
  const resourceVersion = revision === undefined || revision < 0 ? store.revision : revision;
  const items = limit > 0 ? picked.slice(0, limit) : picked;
  const last = items.at(-1);
  if (items.length === picked.length || last === undefined) {
    return { items, metadata: { resourceVersion: String(resourceVersion) } };
  }
  const selective = query.get("labelSelector") !== null || query.get("fieldSelector") !== null;
  return {
    items,
    metadata: {
      resourceVersion: String(resourceVersion),
      continue: writeToken({ rv: resourceVersion, start: keyOfObject(last) }),
      ...(!selective && { remainingItemCount: picked.length - items.length }),
    },
  };
}

/** The objects that a request's label and field selectors pick. @throws {ApiError} 400. */
export function selectorOf(resource: Resource, query: URLSearchParams): Selector {
  const byLabel = labelSelector(query.get("labelSelector"));
  const byField = fieldSelector(query.get("fieldSelector"), resource);
  return (object) => byLabel(object) && byField(object);
}

function objectsAt(
  store: Store,
  resource: Resource,
  namespace: string | undefined,
  revision: number | undefined,
  token: Token | undefined,
): readonly KubeObject[] {
  if (revision === undefined || revision < 0) return store.list(resource, namespace);
  const objects = store.listAt(revision, resource, namespace);
  if (objects !== undefined) return objects;
  if (token === undefined) throw expired("The resourceVersion for the provided list is too old.");
  throw expired(CONTINUE_TOO_OLD, { continue: writeToken({ rv: -1, start: token.start }) });
}

/** The revision that the list must show exactly; undefined for the newest one. */
function askedRevision(store: Store, query: URLSearchParams): number | undefined {
  const text = query.get("resourceVersion") ?? "";
  const match = query.get("resourceVersionMatch");
  if (text === "" || text === "0") {
    if (match !== null && text === "") {
      throw invalidOptions("ListOptions", {
        reason: "FieldValueForbidden",
        field: "resourceVersionMatch",
        message: "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided",
      });
    }
    return undefined;
  }
  if (!/^\d+$/.test(text)) {
    throw badRequest(
      `invalid resource version: resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  }
  const revision = Number(text);
  if (revision > store.revision) throw tooLarge(revision, store.revision);
  return match === "Exact" ? revision : undefined;
}

function tooLarge(asked: number, current: number): ApiError {
  return new ApiError(504, "Timeout", `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
    retryAfterSeconds: 1,
  });
}

/** A number of the query, 0 when it is absent. @throws {ApiError} 400. */
export function wholeNumber(text: string | null, parser: string): number {
  if (text === null || text === "") return 0;
  if (!/^-?\d+$/.test(text)) throw badRequest(`${parser}: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}

function writeToken({ rv, start }: Token): string {
  return Buffer.from(JSON.stringify({ v: TOKEN_VERSION, rv, start })).toString("base64url");
}

function readToken(text: string | null): Token | undefined {
  if (text === null || text === "") return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(text, "base64url").toString());
    if (
      isRecord(value) &&
      value.v === TOKEN_VERSION &&
      typeof value.rv === "number" &&
      typeof value.start === "string"
    ) {
      return { rv: value.rv, start: value.start };
    }
  } catch (cause) {
    throw badToken(cause instanceof Error ? cause.message : String(cause));
  }
  throw badToken("unknown version");
}

function badToken(why: string): ApiError {
  return badRequest(`invalid continue token: continue key is not valid: ${why}`);
}
