/** A kind of Kubernetes object, as far as its URL and its responses go. */
export interface Kind {
  /** API group; empty for the core one. */
  readonly group: string;
  readonly version: string;
  /** Plural, lower case: the word in URLs and in RBAC rules. */
  readonly resource: string;
  /** "metadata": every response is asked for as PartialObjectMetadata, so that the rest never crosses the wire. */
  readonly view: "object" | "metadata";
}

export const NAMESPACES: Kind = { group: "", version: "v1", resource: "namespaces", view: "object" };
export const PODS: Kind = { group: "", version: "v1", resource: "pods", view: "object" };
export const JOBS: Kind = { group: "batch", version: "v1", resource: "jobs", view: "object" };
/** Their data is written, and never read back. */
export const SECRETS: Kind = { group: "", version: "v1", resource: "secrets", view: "metadata" };

/** The control plane's own notes. */
export const CONFIG_MAPS: Kind = { group: "", version: "v1", resource: "configmaps", view: "object" };

/** Kubernetes' verbs, as RBAC rules name them. */
type Verb = "get" | "list" | "watch" | "create" | "patch" | "delete";

/** What a request is about: enough for its URL, and for a message that says what went wrong where. */
export interface Target {
  readonly verb: Verb;
  readonly kind: Kind;
  /** Undefined for kinds without namespace, and for all namespaces together. */
  readonly namespace?: string | undefined;
  /** Undefined for the whole collection. */
  readonly name?: string | undefined;
}

/** The URL's path. */
export function pathOf({ kind, namespace, name }: Target): string {
  const parts = kind.group === "" ? ["api", kind.version] : ["apis", kind.group, kind.version];
  if (namespace !== undefined) parts.push("namespaces", namespace);
  parts.push(kind.resource);
  if (name !== undefined) parts.push(name);
  return parts.map((part) => `/${encodeURIComponent(part)}`).join("");
}

/** `list jobs in namespace "default"`, for messages. */
export function describeTarget({ verb, kind, namespace, name }: Target): string {
  const what = name === undefined ? kind.resource : `${kind.resource} "${name}"`;
  const where = namespace !== undefined ? ` in namespace "${namespace}"` : "";
  const everywhere = namespace === undefined && name === undefined && kind !== NAMESPACES ? " in all namespaces" : "";
  return `${verb} ${what}${where}${everywhere}`;
}
