import type { Random } from "../../../support/random.ts";
import type { Actor } from "../actor.ts";
import { generatedName, newUid } from "../identifiers.ts";
import { type KubeObject, timestamp, withMeta } from "../objects.ts";
import { RESOURCES, type Resource } from "../resources.ts";
import type { Store } from "../store.ts";
import type { Timers } from "../timers.ts";
import {
  ApiError,
  alreadyExists,
  badRequest,
  forbidden,
  invalid,
  modifiedSince,
  notFound,
  otherUid,
  versionRequired,
} from "./api-error.ts";
import { type Draft, decodeValue } from "./decode.ts";
import { completed, secretDefaults } from "./defaults.ts";
import { checkPreconditions, type DeleteOptions, isGone, markDeleted } from "./deletion.ts";
import { isRecord } from "./selectors.ts";
import { validateChange, validateNew } from "./validation/validate.ts";
import { invalidValue } from "./validation/validate-metadata.ts";

/** How a write is done. */
export interface WriteOptions {
  readonly by: Actor;
  /** Everything is checked and answered, nothing is kept. */
  readonly dryRun?: boolean;
}

/** These never go. */
const LASTING_NAMESPACES = ["default", "kube-system", "kube-public"];

/**
 * The writes that an API server does for its clients, checked and answered as a real one (1.34.4) does. The cluster's own loops write
 * through it as well.
 */
export class ApiServer {
  readonly #store: Store;
  readonly #timers: Timers;
  readonly #random: Random;

  constructor(store: Store, timers: Timers, random: Random) {
    this.#store = store;
    this.#timers = timers;
    this.#random = random;
  }

  /** @throws {ApiError} 404. */
  get(resource: Resource, namespace: string | undefined, name: string): KubeObject {
    const object = this.#store.get(resource, namespace, name);
    if (object === undefined) throw notFound(resource, name);
    return object;
  }

  /** @throws {ApiError} 400, 403, 404 (its namespace), 409 or 422. */
  create(resource: Resource, namespace: string | undefined, draft: Draft, options: WriteOptions): KubeObject {
    const { metadata } = draft;
    checkNamespaceField(metadata.namespace, namespace);
    if (metadata.resourceVersion !== undefined && metadata.resourceVersion !== "") {
      throw new ApiError(500, undefined, "resourceVersion should not be set on objects to be created");
    }
    this.#checkNamespace(resource, namespace, asText(metadata.name));
    const birth = {
      name: this.#nameOf(metadata),
      namespace,
      uid: newUid(this.#random),
      nowMs: this.#timers.now(),
    };
    const object = completed(resource, draft, birth);
    const causes = validateNew(resource, object);
    if (causes.length > 0) throw invalid(resource, object.metadata.name, causes);
    const present = this.#store.get(resource, namespace, birth.name);
    if (present !== undefined) {
      const state = present.metadata.deletionTimestamp === undefined ? "live" : "being-deleted";
      throw alreadyExists(resource, birth.name, state);
    }
    if (options.dryRun === true) return withMeta(object, { resourceVersion: undefined });
    return this.#store.add(resource, object, options.by);
  }

  /**
   * Replaces an object (or only its status) by what `change` makes of the current one.
   *
   * @throws {ApiError} 400, 404, 409 (resourceVersion or uid of another) or 422.
   */
  update(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    change: (current: KubeObject) => unknown,
    options: WriteOptions & { readonly subresource?: "status"; readonly uidMustMatch?: "conflict" | "invalid" },
  ): KubeObject {
    const current = this.get(resource, namespace, name);
    const draft = decodeValue(resource, change(current));
    const sent = draft.metadata;
    checkNamespaceField(sent.namespace, namespace);
    const sentName = asText(sent.name);
    if (sentName !== name) {
      throw badRequest(`the name of the object (${sentName}) does not match the name on the URL (${name})`);
    }
    this.#checkVersion(resource, current, sent);
    const { uid } = current.metadata;
    const sentUid = asText(sent.uid);
    if (sentUid !== "" && sentUid !== uid) {
      if (options.uidMustMatch === "conflict") throw otherUid(resource, name, sentUid, uid);
      throw invalid(resource, name, [invalidValue("metadata.uid", sentUid, "field is immutable")]);
    }
    const next = merged(resource, draft, current, options.subresource);
    const causes = validateChange(resource, next, current);
    if (causes.length > 0) throw invalid(resource, name, causes);
    if (options.dryRun === true) return next;
    return this.#put(resource, next, options.by);
  }

  /** Writes the object as it is given: for the cluster's own loops, which know what they do. Removes it when nothing holds it. */
  put(resource: Resource, object: KubeObject, by: Actor): KubeObject {
    return this.#put(resource, object, by);
  }

  /**
   * Deletes an object, or begins to. Gives the object as it is afterwards, and whether it is gone.
   *
   * @throws {ApiError} 403, 404 or 409 (a precondition).
   */
  delete(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    options: WriteOptions & DeleteOptions,
  ): { readonly object: KubeObject; readonly gone: boolean } {
    const current = this.get(resource, namespace, name);
    checkPreconditions(resource, current, options);
    if (resource.name === "namespaces") return { object: this.#deleteNamespace(current, options), gone: false };
    const marked = markDeleted(resource, current, options, this.#timers.now());
    const gone = isGone(marked);
    if (options.dryRun === true) return { object: marked, gone };
    if (gone)
      return { object: this.#store.remove(resource, resource.name === "pods" ? marked : current, options.by), gone };
    return { object: this.#store.replace(resource, marked, options.by), gone };
  }

  #put(resource: Resource, object: KubeObject, by: Actor): KubeObject {
    if (!isGone(object)) return this.#store.replace(resource, object, by);
    this.#store.remove(resource, this.get(resource, object.metadata.namespace, object.metadata.name), by);
    return object;
  }

  /** A namespace goes in its own way: its content first, by the namespace controller. */
  #deleteNamespace(namespace: KubeObject, { by, dryRun }: WriteOptions): KubeObject {
    const { name, deletionTimestamp } = namespace.metadata;
    if (LASTING_NAMESPACES.includes(name))
      throw forbidden(RESOURCES.namespaces, name, "this namespace may not be deleted");
    if (deletionTimestamp !== undefined) return namespace;
    const terminating = {
      ...withMeta(namespace, { deletionTimestamp: timestamp(this.#timers.now()) }),
      status: { phase: "Terminating" },
    };
    return dryRun === true ? terminating : this.#store.replace(RESOURCES.namespaces, terminating, by);
  }

  #checkNamespace(resource: Resource, namespace: string | undefined, name: string): void {
    if (namespace === undefined) return;
    const found = this.#store.get(RESOURCES.namespaces, undefined, namespace);
    if (found === undefined) throw notFound(RESOURCES.namespaces, namespace);
    if (found.metadata.deletionTimestamp === undefined) return;
    throw forbidden(
      resource,
      name,
      `unable to create new content in namespace ${namespace} because it is being terminated`,
      [
        {
          reason: "NamespaceTerminating",
          message: `namespace ${namespace} is being terminated`,
          field: "metadata.namespace",
        },
      ],
    );
  }

  #nameOf(metadata: Draft["metadata"]): string {
    const name = asText(metadata.name);
    const prefix = asText(metadata.generateName);
    return name === "" && prefix !== "" ? generatedName(prefix, this.#random) : name;
  }

  #checkVersion(resource: Resource, current: KubeObject, sent: Draft["metadata"]): void {
    const { name } = current.metadata;
    const version = asText(sent.resourceVersion);
    if (version === "" && resource.createOnUpdate) throw versionRequired(resource, name);
    if (!/^\d*$/.test(version)) {
      throw new ApiError(500, undefined, `strconv.ParseUint: parsing ${JSON.stringify(version)}: invalid syntax`);
    }
    if (version !== "" && version !== current.metadata.resourceVersion) throw modifiedSince(resource, name);
  }
}

/** What an update leaves: the client's fields, but the server's own ones as they were. */
function merged(resource: Resource, draft: Draft, current: KubeObject, subresource: "status" | undefined): KubeObject {
  if (subresource === "status") return { ...current, status: draft.status };
  const { resourceVersion, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, generation, uid } =
    current.metadata;
  const object: KubeObject = {
    ...draft,
    apiVersion: current.apiVersion,
    kind: current.kind,
    metadata: compact({
      ...draft.metadata,
      name: current.metadata.name,
      namespace: current.metadata.namespace,
      uid,
      resourceVersion,
      creationTimestamp,
      deletionTimestamp,
      deletionGracePeriodSeconds,
      generation,
    }) as KubeObject["metadata"],
    ...(resource.hasStatus && { status: current.status }),
  };
  if (resource.name === "secrets") return secretDefaults(object);
  if (resource.hasGeneration && JSON.stringify(object.spec) !== JSON.stringify(current.spec)) {
    return withMeta(object, { generation: (generation ?? 1) + 1 });
  }
  return object;
}

/** Empty lists and maps of metadata are not kept, as a real server does not keep them. */
function compact(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(fields).filter(
      ([, value]) =>
        value !== undefined &&
        value !== null &&
        !(Array.isArray(value) && value.length === 0) &&
        !(isRecord(value) && Object.keys(value).length === 0),
    ),
  );
}

function checkNamespaceField(sent: unknown, namespace: string | undefined): void {
  if (sent === undefined || sent === null || sent === "" || sent === namespace) return;
  throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : "";
}
