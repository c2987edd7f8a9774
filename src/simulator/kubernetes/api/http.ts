import { type HttpRequest, type HttpResponse, TransportError, textResponse } from "../../../http/transport.ts";
import type { Actor } from "../actor.ts";
import type { KubeObject } from "../objects.ts";
import type { Resource } from "../resources.ts";
import { ApiError, badRequest, methodNotAllowed, unsupportedMediaType } from "./api-error.ts";
import type { ApiServer } from "./api-server.ts";
import { decodeObject, decodeValue } from "./decode.ts";
import { discovery } from "./discovery.ts";
import { listPage } from "./list.ts";
import { jsonPatch, mergePatch, strategicMergePatch } from "./patch.ts";
import { includeOf, represent, representPage, type View, viewFor } from "./representation.ts";
import {
  checkJsonBody,
  deleteOptionsOf,
  dryRunOf,
  mediaType,
  type Target,
  targetOf,
  type Verb,
  verbOf,
} from "./request.ts";
import { isRecord } from "./selectors.ts";
import { type WatchSource, watchBody } from "./watch.ts";

/** What the HTTP face needs of the world. */
export interface FaceSource extends WatchSource {
  readonly api: ApiServer;
  /** @see WatchRequest.tooOld */
  readonly tooOldWatch: "event" | "status";
  /** Told of every request for objects, before it is served: verb and resource, such as `create` and `pods/eviction`. */
  readonly onRequest: (verb: Verb, resource: string) => void;
}

/** One request with what was read from its URL. */
interface Call extends Target {
  readonly request: HttpRequest;
  readonly query: URLSearchParams;
  readonly view: View;
  readonly by: Actor;
}

const PATCHES: Readonly<Record<string, (target: unknown, patch: unknown) => unknown>> = {
  "application/merge-patch+json": mergePatch,
  "application/strategic-merge-patch+json": strategicMergePatch,
  "application/json-patch+json": jsonPatch,
};

/**
 * The Kubernetes REST API over the world's objects. Answers were compared with a real API server, 1.34.4; kinds, verbs and forms that
 * neither this program nor kubectl's daily commands use are refused as unknown. Nobody needs to authenticate.
 */
export class HttpFace {
  readonly #source: FaceSource;

  constructor(source: FaceSource) {
    this.#source = source;
  }

  /** A {@link Send}: the reply is decided at the moment of the call. @throws {TransportError} when the signal has aborted already. */
  async handle(request: HttpRequest): Promise<HttpResponse> {
    if (request.signal?.aborted === true) throw new TransportError("the request was aborted", "no");
    const { pathname, searchParams } = new URL(request.url);
    try {
      return this.#route(request, pathname, searchParams);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return this.#json(error.code, error.status());
    }
  }

  #route(request: HttpRequest, path: string, query: URLSearchParams): HttpResponse {
    if (["/healthz", "/livez", "/readyz"].includes(path)) return this.#plain(200, "ok");
    const known = discovery(path);
    if (known !== undefined) {
      if (request.method !== "GET") throw methodNotAllowed();
      return this.#json(200, known);
    }
    if (!/^\/(api|apis\/(batch|coordination\.k8s\.io))\/v1\/./.test(path))
      return this.#plain(404, "404 page not found\n");
    const target = targetOf(path);
    const verb = verbOf(request, target, query);
    const { resource, subresource } = target;
    this.#source.onRequest(verb, subresource === undefined ? resource.name : `${resource.name}/${subresource}`);
    const by: Actor = { kind: "request", client: request.headers["user-agent"] ?? "unknown" };
    // Before anything is written: what cannot be answered is not done.
    const view = viewFor(request.headers.accept, resource, verb === "list" ? "many" : "one");
    return this.#serve(verb, { ...target, request, query, view, by });
  }

  #serve(verb: Verb, call: Call): HttpResponse {
    const { resource, namespace, name = "", query, request, by } = call;
    const { api } = this.#source;
    switch (verb) {
      case "list":
        return this.#list(call);
      case "watch":
        return this.#watch(call);
      case "get": {
        const object = api.get(resource, namespace, name);
        if (call.subresource === "log") throw badRequest("a simulated container writes no log");
        return this.#one(200, call, object);
      }
      case "create":
        if (call.subresource === "eviction") return this.#evict(call, name);
        return this.#create(call);
      case "update":
        return this.#update(call, name);
      case "patch":
        return this.#patch(call, name);
      case "delete": {
        const { object, gone } = api.delete(resource, namespace, name, { by, ...deleteOptionsOf(request.body, query) });
        return gone && !resource.returnsDeleted
          ? this.#json(200, deletedStatus(call, object))
          : this.#one(200, call, object);
      }
      case "deletecollection":
        return this.#deleteMany(call);
    }
  }

  #list({ resource, namespace, query, view }: Call): HttpResponse {
    const page = listPage(this.#source.store, resource, namespace, query);
    return this.#text(200, representPage(resource, page, view, includeOf(query), this.#now()));
  }

  #watch({ resource, namespace, query, request, view }: Call): HttpResponse {
    const include = includeOf(query);
    const body = watchBody(this.#source, {
      resource,
      namespace,
      query,
      represent: (object) => represent(resource, object, view, include, this.#now()),
      signal: request.signal,
      tooOld: this.#source.tooOldWatch,
    });
    return { status: 200, headers: this.#headers("application/json"), body };
  }

  #create(call: Call): HttpResponse {
    const { resource, namespace, query, request, by } = call;
    checkJsonBody(request.headers);
    const dryRun = dryRunOf(query.getAll("dryRun"), "CreateOptions");
    const draft = decodeObject(resource, request.body ?? "");
    return this.#one(201, call, this.#source.api.create(resource, namespace, draft, { by, dryRun }));
  }

  #update(call: Call, name: string): HttpResponse {
    const { resource, namespace, query, request, by } = call;
    checkJsonBody(request.headers);
    const dryRun = dryRunOf(query.getAll("dryRun"), "UpdateOptions");
    const draft = decodeObject(resource, request.body ?? "");
    const { api, store } = this.#source;
    if (resource.createOnUpdate && store.get(resource, namespace, name) === undefined) {
      return this.#one(201, call, api.create(resource, namespace, draft, { by, dryRun }));
    }
    const options = { by, dryRun, uidMustMatch: "conflict", ...statusOnly(call) } as const;
    return this.#one(
      200,
      call,
      api.update(resource, namespace, name, () => draft, options),
    );
  }

  #patch(call: Call, name: string): HttpResponse {
    const { resource, namespace, query, request, by } = call;
    const apply = PATCHES[mediaType(request.headers)];
    if (apply === undefined) throw unsupportedMediaType("415: Unsupported Media Type", {});
    const dryRun = dryRunOf(query.getAll("dryRun"), "PatchOptions");
    const patch = parsePatch(request.body ?? "");
    if (apply !== jsonPatch && !isRecord(patch)) {
      throw badRequest(
        "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}",
      );
    }
    const options = { by, dryRun, ...statusOnly(call) };
    return this.#one(
      200,
      call,
      this.#source.api.update(
        resource,
        namespace,
        name,
        (current) => decodePatched(resource, apply(current, patch)),
        options,
      ),
    );
  }

  #evict({ resource, namespace, request, by }: Call, name: string): HttpResponse {
    const eviction = JSON.parse(request.body ?? "{}") as { readonly deleteOptions?: unknown };
    const options = deleteOptionsOf(JSON.stringify(eviction.deleteOptions ?? {}), new URLSearchParams());
    this.#source.api.delete(resource, namespace, name, { by, ...options });
    return this.#json(201, { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 });
  }

  #deleteMany(call: Call): HttpResponse {
    const { resource, namespace, query, request, by } = call;
    const page = listPage(this.#source.store, resource, namespace, query);
    const options = { by, ...deleteOptionsOf(request.body, query) };
    for (const { metadata } of page.items) this.#source.api.delete(resource, namespace, metadata.name, options);
    return this.#text(200, representPage(resource, page, "object", "None", this.#now()));
  }

  #one(status: number, { resource, query, view }: Call, object: KubeObject): HttpResponse {
    return this.#json(status, represent(resource, object, view, includeOf(query), this.#now()));
  }

  #json(status: number, value: unknown): HttpResponse {
    return this.#text(status, JSON.stringify(value));
  }

  #text(status: number, text: string): HttpResponse {
    return textResponse(status, this.#headers("application/json"), text);
  }

  #plain(status: number, text: string): HttpResponse {
    return textResponse(status, this.#headers("text/plain; charset=utf-8"), text);
  }

  #headers(contentType: string): Readonly<Record<string, string>> {
    return {
      "content-type": contentType,
      "cache-control": "no-cache, private",
      date: new Date(this.#now()).toUTCString(),
    };
  }

  #now(): number {
    return this.#source.timers.now();
  }
}

function statusOnly({ subresource }: Call): { readonly subresource?: "status" } {
  return subresource === "status" ? { subresource } : {};
}

function parsePatch(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw badRequest(`error decoding patch: ${cause instanceof Error ? cause.name : "unreadable"}`);
  }
}

/** A patch's result that is no such object any more: 422, where the same sent whole would be 400. */
function decodePatched(resource: Resource, value: unknown): unknown {
  try {
    return decodeValue(resource, value);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const cause = { reason: "FieldValueInvalid", message: `Invalid value: ${error.message}`, field: "patch" };
    throw new ApiError(422, "Invalid", ` "" is invalid: patch: ${cause.message}`, { causes: [cause] });
  }
}

function deletedStatus({ resource }: Call, { metadata }: KubeObject): Readonly<Record<string, unknown>> {
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Success",
    details: {
      name: metadata.name,
      ...(resource.group !== "" && { group: resource.group }),
      kind: resource.name,
      uid: metadata.uid,
    },
  };
}
