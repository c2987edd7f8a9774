import type { Resource } from "../resources.ts";

/** One thing that is wrong with an object that was sent. */
export interface Cause {
  readonly reason:
    | "FieldValueInvalid"
    | "FieldValueRequired"
    | "FieldValueForbidden"
    | "FieldValueDuplicate"
    | "FieldValueNotSupported"
    | "FieldValueTooLong"
    | "NamespaceTerminating";
  readonly message: string;
  readonly field: string;
}

/** A request that the API server refuses, as the `Status` object that a real one (1.34.4) answers with. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: number;
  readonly reason: string | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;
  /** `metadata` of the Status: holds a token to go on with when a paged list expired. */
  readonly metadata: Readonly<Record<string, unknown>>;

  constructor(
    code: number,
    reason: string | undefined,
    message: string,
    details?: Readonly<Record<string, unknown>>,
    metadata: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
    this.metadata = metadata;
  }

  /** The reply's body. */
  status(): Readonly<Record<string, unknown>> {
    return {
      kind: "Status",
      apiVersion: "v1",
      metadata: this.metadata,
      status: "Failure",
      message: this.message,
      ...(this.reason !== undefined && { reason: this.reason }),
      ...(this.details !== undefined && { details: this.details }),
      code: this.code,
    };
  }
}

/** `jobs.batch`, `secrets`. */
function qualifiedName(resource: Resource): string {
  return resource.group === "" ? resource.name : `${resource.name}.${resource.group}`;
}

/** `Job.batch`, `Secret`. */
function qualifiedKind(resource: Resource): string {
  return resource.group === "" ? resource.kind : `${resource.kind}.${resource.group}`;
}

/** `details` of a Status about one object; kind is the plural almost everywhere. */
function detailsOf(resource: Resource, name: string, kind: string = resource.name): Record<string, unknown> {
  return { ...(name !== "" && { name }), ...(resource.group !== "" && { group: resource.group }), kind };
}

export function notFound(resource: Resource, name: string): ApiError {
  return new ApiError(404, "NotFound", `${qualifiedName(resource)} "${name}" not found`, detailsOf(resource, name));
}

/** No such path. */
export function noSuchResource(): ApiError {
  return new ApiError(404, "NotFound", "the server could not find the requested resource", {});
}

export function methodNotAllowed(): ApiError {
  return new ApiError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {});
}

export function alreadyExists(resource: Resource, name: string, beingDeleted: "being-deleted" | "live"): ApiError {
  const prefix = beingDeleted === "being-deleted" ? "object is being deleted: " : "";
  return new ApiError(
    409,
    "AlreadyExists",
    `${prefix}${qualifiedName(resource)} "${name}" already exists`,
    detailsOf(resource, name),
  );
}

/** An update lost the race: its resourceVersion is not the current one. */
export function modifiedSince(resource: Resource, name: string): ApiError {
  return new ApiError(
    409,
    "Conflict",
    `Operation cannot be fulfilled on ${qualifiedName(resource)} "${name}": the object has been modified; please apply your changes to the latest version and try again`,
    detailsOf(resource, name),
  );
}

/** An update names another object's uid. */
export function otherUid(resource: Resource, name: string, asked: string, found: string): ApiError {
  return new ApiError(
    409,
    "Conflict",
    `Operation cannot be fulfilled on ${qualifiedName(resource)} "${name}": StorageError: invalid object, Code: 4, Key: ${name}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${asked}, UID in object meta: ${found}`,
    detailsOf(resource, name),
  );
}

/** A precondition of a DELETE does not hold. */
export function preconditionFailed(
  resource: Resource,
  name: string,
  what: "UID" | "ResourceVersion",
  asked: string,
  found: string,
): ApiError {
  const why = what === "UID" ? "deleted and then recreated" : "modified";
  return new ApiError(
    409,
    "Conflict",
    `Operation cannot be fulfilled on ${qualifiedKind(resource)} "${name}": the ${what} in the precondition (${asked}) does not match the ${what} in record (${found}). The object might have been ${why}`,
    detailsOf(resource, name, resource.kind),
  );
}

/** 422 with every cause, listed in the message as a real server does. */
export function invalid(resource: Resource, name: string, causes: readonly Cause[]): ApiError {
  return invalidKind(qualifiedKind(resource), name, causes, detailsOf(resource, name, resource.kind));
}

/** 422 of an update that must name the version it replaces; the one that names the plural. */
export function versionRequired(resource: Resource, name: string): ApiError {
  const field = "metadata.resourceVersion";
  const cause: Cause = {
    reason: "FieldValueInvalid",
    field,
    message: "Invalid value: 0: must be specified for an update",
  };
  return invalidKind(qualifiedName(resource), name, [cause], detailsOf(resource, name));
}

/** 422 about the options of a request. */
export function invalidOptions(
  kind: "CreateOptions" | "DeleteOptions" | "ListOptions" | "PatchOptions" | "UpdateOptions",
  cause: Cause,
): ApiError {
  return invalidKind(`${kind}.meta.k8s.io`, "", [cause], { group: "meta.k8s.io", kind });
}

function invalidKind(
  kind: string,
  name: string,
  causes: readonly Cause[],
  details: Readonly<Record<string, unknown>>,
): ApiError {
  const texts = [...new Set(causes.map(({ field, message }) => `${field}: ${message}`))];
  const [only] = texts;
  const text = texts.length === 1 && only !== undefined ? only : `[${texts.join(", ")}]`;
  return new ApiError(422, "Invalid", `${kind} "${name}" is invalid: ${text}`, { ...details, causes });
}

/** 422 of a JSON patch that does not apply; a real server says no more than this. */
export function patchDoesNotApply(): ApiError {
  return new ApiError(422, "Invalid", "the server rejected our request due to an error in our request", {});
}

export function badRequest(message: string): ApiError {
  return new ApiError(400, "BadRequest", message);
}

/** The body does not decode as the kind that the path asks for. */
export function undecodable(resource: Resource, why: string): ApiError {
  return badRequest(`${resource.kind} in version "v1" cannot be handled as a ${resource.kind}: ${why}`);
}

export function forbidden(resource: Resource, name: string, why: string, causes?: readonly Cause[]): ApiError {
  return new ApiError(403, "Forbidden", `${qualifiedName(resource)} "${name}" is forbidden: ${why}`, {
    ...detailsOf(resource, name),
    ...(causes !== undefined && { causes }),
  });
}

export function unsupportedMediaType(message: string, details?: Readonly<Record<string, unknown>>): ApiError {
  return new ApiError(415, "UnsupportedMediaType", message, details);
}

/** The history that the request needs is no longer kept. */
export function expired(message: string, metadata?: Readonly<Record<string, unknown>>): ApiError {
  return new ApiError(410, "Expired", message, undefined, metadata);
}
