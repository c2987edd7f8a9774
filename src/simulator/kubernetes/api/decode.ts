import { parseQuantity } from "../quantity.ts";
import { apiVersionOf, type Resource } from "../resources.ts";
import { badRequest, undecodable } from "./api-error.ts";
import { isRecord } from "./selectors.ts";

type Json = unknown;
type Fields = Readonly<Record<string, Json>>;

/** A request's object after decoding: its types are right, its values not yet checked. */
export interface Draft {
  readonly metadata: Fields;
  readonly [field: string]: Json;
}

/**
 * The object of a request's body, with the types that the API's schema asks for where this world reads them. Unknown fields stay.
 *
 * @throws {ApiError} 400 when it is no object of that resource.
 */
export function decodeObject(resource: Resource, text: string): Draft {
  let value: Json;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replace(/ in JSON at.*|, .* is not valid JSON/s, "") : "";
    throw badRequest(
      `the object provided is unrecognized (must be of type ${resource.kind}): couldn't get version/kind; json parse error: ${why}`,
    );
  }
  return decodeValue(resource, value);
}

/** {@link decodeObject} for a body that was parsed already. */
export function decodeValue(resource: Resource, value: Json): Draft {
  if (!isRecord(value)) {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${resource.kind}): couldn't get version/kind; json parse error: json: cannot unmarshal ${nameOf(value)}`,
    );
  }
  const { kind = resource.kind, apiVersion = apiVersionOf(resource) } = value;
  if (kind !== resource.kind || apiVersion !== apiVersionOf(resource)) {
    throw badRequest(
      `${String(kind)} in version "${String(apiVersion)}" cannot be handled as a ${resource.kind}: unknown conversion`,
    );
  }
  const check = new Checker(resource);
  const metadata = check.record(value.metadata, "metadata") ? value.metadata : {};
  checkMetadata(check, metadata);
  if (resource.name === "secrets") checkSecret(check, value);
  if (resource.name === "configmaps") check.strings(value.data, "data");
  if (resource.name === "jobs") checkJob(check, value.spec);
  if (resource.name === "pods") checkPodSpec(check, value.spec, "spec");
  if (resource.name === "leases" || resource.name === "namespaces" || resource.name === "nodes") {
    check.record(value.spec, "spec");
  }
  return { ...value, apiVersion, kind, metadata };
}

function checkMetadata(check: Checker, metadata: Fields): void {
  for (const field of ["name", "namespace", "generateName", "uid", "resourceVersion"]) {
    check.string(metadata[field], `metadata.${field}`);
  }
  check.strings(metadata.labels, "metadata.labels");
  check.strings(metadata.annotations, "metadata.annotations");
  for (const owner of check.list(metadata.ownerReferences, "metadata.ownerReferences")) {
    check.record(owner, "metadata.ownerReferences");
  }
  for (const finalizer of check.list(metadata.finalizers, "metadata.finalizers")) {
    check.string(finalizer, "metadata.finalizers");
  }
}

function checkSecret(check: Checker, value: Fields): void {
  check.strings(value.data, "data");
  check.strings(value.stringData, "stringData");
  for (const encoded of Object.values(value.data ?? {})) {
    const position = illegalBase64At(String(encoded));
    if (position !== undefined) check.fail(`illegal base64 data at input byte ${position}`);
  }
}

function checkJob(check: Checker, spec: Json): void {
  if (!check.record(spec, "spec")) return;
  for (const field of [
    "parallelism",
    "completions",
    "backoffLimit",
    "activeDeadlineSeconds",
    "ttlSecondsAfterFinished",
  ]) {
    check.integer(spec[field], `spec.${field}`);
  }
  const { template } = spec;
  if (!check.record(template, "spec.template")) return;
  if (check.record(template.metadata, "spec.template.metadata")) {
    check.strings(template.metadata.labels, "spec.template.metadata.labels");
    check.strings(template.metadata.annotations, "spec.template.metadata.annotations");
  }
  checkPodSpec(check, template.spec, "spec.template.spec");
}

function checkPodSpec(check: Checker, spec: Json, path: string): void {
  if (!check.record(spec, path)) return;
  check.strings(spec.nodeSelector, `${path}.nodeSelector`);
  check.integer(spec.terminationGracePeriodSeconds, `${path}.terminationGracePeriodSeconds`);
  for (const list of ["containers", "initContainers", "volumes", "tolerations"]) {
    for (const item of check.list(spec[list], `${path}.${list}`)) {
      if (!check.record(item, `${path}.${list}`) || !list.endsWith("ontainers")) continue;
      for (const variable of check.list(item.env, `${path}.${list}.env`)) {
        if (!check.record(variable, `${path}.${list}.env`)) continue;
        check.string(variable.value, `${path}.${list}.env.value`);
      }
      if (!check.record(item.resources, `${path}.${list}.resources`)) continue;
      for (const which of ["requests", "limits"]) {
        const amounts = item.resources[which];
        if (!check.record(amounts, `${path}.${list}.resources.${which}`)) continue;
        for (const amount of Object.values(amounts)) check.quantity(amount);
      }
    }
  }
}

/** Reports the first thing that does not have the right type; null counts as absent. */
class Checker {
  readonly #resource: Resource;

  constructor(resource: Resource) {
    this.#resource = resource;
  }

  fail(why: string): never {
    throw undecodable(this.#resource, why);
  }

  /** True when it is there. */
  record(value: Json, path: string): value is Fields {
    if (value === undefined || value === null) return false;
    if (!isRecord(value)) this.#wrong(value, path, "struct");
    return true;
  }

  list(value: Json, path: string): readonly Json[] {
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) this.#wrong(value, path, "slice");
    return value as readonly Json[];
  }

  string(value: Json, path: string): void {
    if (value !== undefined && value !== null && typeof value !== "string") this.#wrong(value, path, "string");
  }

  integer(value: Json, path: string): void {
    if (value !== undefined && value !== null && !Number.isInteger(value)) this.#wrong(value, path, "int32");
  }

  strings(value: Json, path: string): void {
    if (!this.record(value, path)) return;
    for (const item of Object.values(value)) this.string(item, path);
  }

  quantity(value: Json): void {
    if (parseQuantity(value) === undefined) {
      this.fail("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
    }
  }

  #wrong(value: Json, path: string, type: string): never {
    return this.fail(
      `json: cannot unmarshal ${nameOf(value)} into Go struct field ${this.#resource.kind}.${path} of type ${type}`,
    );
  }
}

function nameOf(value: Json): string {
  if (Array.isArray(value)) return "array";
  if (typeof value === "boolean") return "bool";
  return value === null ? "null" : typeof value;
}

/** Where text stops being base64, as Go's decoder counts; undefined when it is. */
function illegalBase64At(text: string): number | undefined {
  const clean = text.replace(/[\r\n]/g, "");
  const bad = /[^A-Za-z0-9+/=]/.exec(clean);
  if (bad !== null) return bad.index;
  return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(clean) ? undefined : clean.length;
}
