import { apiVersionOf, RESOURCES, type Resource } from "../resources.ts";

/** The version that this world's API says it is: the one its answers were compared with. */
const GIT_VERSION = "v1.34.4";
const GROUPS = ["batch", "coordination.k8s.io"] as const;

const VERBS = ["create", "delete", "get", "list", "patch", "update", "watch"];

/** What kubectl reads to learn which kinds there are; undefined for a path that is none of discovery's. */
export function discovery(path: string): Readonly<Record<string, unknown>> | undefined {
  if (path === "/api") return { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [] };
  if (path === "/apis") return { kind: "APIGroupList", apiVersion: "v1", groups: GROUPS.map(groupEntry) };
  if (path === "/api/v1") return resourceList("v1");
  if (path === "/version") return { major: "1", minor: "34", gitVersion: GIT_VERSION, platform: "simulated" };
  const group = GROUPS.find((name) => path === `/apis/${name}` || path === `/apis/${name}/v1`);
  if (group === undefined) return undefined;
  if (path.endsWith("/v1")) return resourceList(`${group}/v1`);
  return { kind: "APIGroup", apiVersion: "v1", ...groupEntry(group) };
}

function groupEntry(name: string): Readonly<Record<string, unknown>> {
  const version = { groupVersion: `${name}/v1`, version: "v1" };
  return { name, versions: [version], preferredVersion: version };
}

function resourceList(groupVersion: string): Readonly<Record<string, unknown>> {
  const resources = Object.values(RESOURCES)
    .filter((resource) => apiVersionOf(resource) === groupVersion)
    .flatMap((resource) => [entry(resource), ...subresources(resource)]);
  return { kind: "APIResourceList", apiVersion: "v1", groupVersion, resources };
}

function entry(resource: Resource): Readonly<Record<string, unknown>> {
  const { name, singular, namespaced, kind, shortNames, deletesCollections } = resource;
  return {
    name,
    singularName: singular,
    namespaced,
    kind,
    verbs: deletesCollections ? [...VERBS, "deletecollection"].sort() : VERBS,
    ...(shortNames.length > 0 && { shortNames }),
    ...((name === "pods" || name === "jobs") && { categories: ["all"] }),
  };
}

function subresources({ name, namespaced, kind, hasStatus }: Resource): readonly Readonly<Record<string, unknown>>[] {
  const sub = { singularName: "", namespaced };
  return [
    ...(hasStatus ? [{ ...sub, name: `${name}/status`, kind, verbs: ["get", "patch", "update"] }] : []),
    ...(name === "pods"
      ? [
          { ...sub, name: "pods/eviction", group: "policy", version: "v1", kind: "Eviction", verbs: ["create"] },
          { ...sub, name: "pods/log", kind, verbs: ["get"] },
        ]
      : []),
  ];
}
