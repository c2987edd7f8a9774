import type { HttpRequest } from "../../../http/transport.ts";
import { RESOURCES, type Resource, type ResourceName } from "../resources.ts";
import {
  ApiError,
  badRequest,
  invalidOptions,
  methodNotAllowed,
  noSuchResource,
  unsupportedMediaType,
} from "./api-error.ts";
import type { DeleteOptions, Propagation } from "./deletion.ts";
import { isRecord } from "./selectors.ts";

/** A request for an object or a list of objects. */
export interface Target {
  readonly resource: Resource;
  readonly namespace: string | undefined;
  /** Absent: all objects (of the namespace). */
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

export type Verb = "get" | "list" | "watch" | "create" | "update" | "patch" | "delete" | "deletecollection";

/** @throws {ApiError} 404 when the path names no resource of this server. */
export function targetOf(path: string): Target {
  const [, root, group = ""] = /^\/(api|apis\/([^/]+))\/v1\//.exec(path) ?? [];
  if (root === undefined) throw noSuchResource();
  const steps = path.slice(`/${root}/v1/`.length).split("/").map(decoded);
  const namespaced = steps[0] === "namespaces" && steps.length > 2 && steps[2] !== "status";
  const [plural = "", name, subresource, ...rest] = namespaced ? steps.slice(2) : steps;
  const resource = Object.hasOwn(RESOURCES, plural) ? RESOURCES[plural as ResourceName] : undefined;
  if (resource === undefined || resource.group !== group || rest.length > 0) throw noSuchResource();
  const namespace = namespaced ? steps[1] : undefined;
  if (namespaced !== resource.namespaced && !(resource.namespaced && name === undefined)) throw noSuchResource();
  return { resource, namespace, name: name === "" ? undefined : name, subresource };
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    throw noSuchResource();
  }
}

/** @throws {ApiError} 404 or 405 when the method does not go with the target. */
export function verbOf({ method }: Pick<HttpRequest, "method">, target: Target, query: URLSearchParams): Verb {
  const { resource, namespace, name } = target;
  checkSubresource(target, method);
  if (name !== undefined) {
    const verbs = { GET: "get", PUT: "update", PATCH: "patch", DELETE: "delete" } as const;
    if (method !== "POST") return verbs[method];
    if (target.subresource === "eviction") return "create";
    throw methodNotAllowed();
  }
  const everywhere = resource.namespaced && namespace === undefined;
  if (method === "GET") return ["true", "1"].includes(query.get("watch") ?? "") ? "watch" : "list";
  if (method === "POST" && !everywhere) return "create";
  if (method === "DELETE" && !everywhere && resource.deletesCollections) return "deletecollection";
  throw methodNotAllowed();
}

function checkSubresource({ resource, subresource }: Target, method: HttpRequest["method"]): void {
  if (subresource === undefined) return;
  if (subresource === "status" && resource.hasStatus) {
    if (method === "DELETE" || method === "POST") throw methodNotAllowed();
  } else if (resource.name === "pods" && subresource === "eviction") {
    if (method !== "POST") throw methodNotAllowed();
  } else if (resource.name === "pods" && subresource === "log") {
    if (method !== "GET") throw methodNotAllowed();
  } else {
    throw noSuchResource();
  }
}

/** Whether nothing shall be kept. @throws {ApiError} 422 for any other value than All. */
export function dryRunOf(values: readonly string[], kind: Parameters<typeof invalidOptions>[0]): boolean {
  const other = values.find((value) => value !== "All");
  if (other !== undefined) {
    throw invalidOptions(kind, {
      reason: "FieldValueNotSupported",
      field: "dryRun",
      message: `Unsupported value: ${JSON.stringify(values)}: supported values: "All"`,
    });
  }
  return values.length > 0;
}

/** @throws {ApiError} 415 for a body that is not JSON. */
export function checkJsonBody(headers: HttpRequest["headers"]): void {
  const type = mediaType(headers);
  if (type === "" || type === "application/json") return;
  throw unsupportedMediaType(
    "the body of the request was in an unknown format - accepted media types include: application/json",
  );
}

export function mediaType(headers: HttpRequest["headers"]): string {
  return (headers["content-type"] ?? "").split(";")[0]?.trim() ?? "";
}

/**
 * How to delete: from the body, or from the query when there is none.
 *
 * @throws {ApiError} 422 for values that do not exist; 500 for a body that cannot be read, as a real server has it.
 */
export function deleteOptionsOf(
  body: string | undefined,
  query: URLSearchParams,
): DeleteOptions & { readonly dryRun: boolean } {
  const sent = body === undefined || body === "" ? {} : parseOptions(body);
  const preconditions = isRecord(sent.preconditions) ? sent.preconditions : {};
  const grace = sent.gracePeriodSeconds ?? query.get("gracePeriodSeconds") ?? undefined;
  const propagationPolicy = propagationOf(sent.propagationPolicy ?? query.get("propagationPolicy") ?? undefined, sent);
  const dryRun = Array.isArray(sent.dryRun) ? sent.dryRun.map(String) : query.getAll("dryRun");
  return {
    dryRun: dryRunOf(dryRun, "DeleteOptions"),
    ...(propagationPolicy !== undefined && { propagationPolicy }),
    ...(grace !== undefined && { gracePeriodSeconds: graceOf(Number(grace)) }),
    preconditions: {
      ...(typeof preconditions.uid === "string" && { uid: preconditions.uid }),
      ...(typeof preconditions.resourceVersion === "string" && { resourceVersion: preconditions.resourceVersion }),
    },
  };
}

function parseOptions(body: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (cause) {
    throw new ApiError(500, undefined, `couldn't get version/kind; json parse error: ${String(cause)}`);
  }
  if (!isRecord(value)) throw new ApiError(500, undefined, "couldn't get version/kind; json parse error");
  if (value.kind !== undefined && value.kind !== "DeleteOptions") {
    throw new ApiError(
      500,
      undefined,
      `no kind ${JSON.stringify(value.kind)} is registered for version "meta.k8s.io/v1"`,
    );
  }
  return value;
}

function propagationOf(
  value: unknown,
  { orphanDependents }: Readonly<Record<string, unknown>>,
): Propagation | undefined {
  if (value !== undefined && typeof orphanDependents === "boolean") {
    throw invalidOptions("DeleteOptions", {
      reason: "FieldValueInvalid",
      field: "propagationPolicy",
      message: `Invalid value: ${JSON.stringify(value)}: orphanDependents and deletionPropagation cannot be both set`,
    });
  }
  if (typeof orphanDependents === "boolean") return orphanDependents ? "Orphan" : "Background";
  if (value === undefined || value === "Foreground" || value === "Background" || value === "Orphan") return value;
  throw invalidOptions("DeleteOptions", {
    reason: "FieldValueNotSupported",
    field: "propagationPolicy",
    message: `Unsupported value: ${JSON.stringify(value)}: supported values: "Foreground", "Background", "Orphan", "nil"`,
  });
}

function graceOf(seconds: number): number {
  if (Number.isInteger(seconds) && seconds >= 0) return seconds;
  throw badRequest("gracePeriodSeconds must be a whole number, 0 or more");
}
