import type { JobObject, KubeObject, NodeObject, PodObject } from "../../objects.ts";
import type { Resource } from "../../resources.ts";
import { humanDuration } from "../duration.ts";
import { isRecord } from "../selectors.ts";
import { podSummary } from "./table-pods.ts";

/** What one cell is made of: the object, and the world's time for ages. */
type Cell = (object: KubeObject, nowMs: number) => string | number;
/** Name, cell, and 1 for columns that only `-o wide` shows. */
type Column = readonly [name: string, cell: Cell, priority: 0 | 1];

const NONE = "<none>";

const age: Cell = ({ metadata }, nowMs) => since(metadata.creationTimestamp, nowMs);
const name: Column = ["Name", ({ metadata }) => metadata.name, 0];

function columnsOf(resource: Resource): readonly Column[] {
  switch (resource.name) {
    case "pods":
      return [
        name,
        ["Ready", (pod, nowMs) => podSummary(pod as PodObject, nowMs).ready, 0],
        ["Status", (pod, nowMs) => podSummary(pod as PodObject, nowMs).status, 0],
        ["Restarts", (pod, nowMs) => podSummary(pod as PodObject, nowMs).restarts, 0],
        ["Age", age, 0],
        ["IP", (pod) => (pod as PodObject).status.podIP ?? NONE, 1],
        ["Node", (pod) => (pod as PodObject).spec.nodeName ?? NONE, 1],
        ["Nominated Node", () => NONE, 1],
        ["Readiness Gates", () => NONE, 1],
      ];
    case "jobs":
      return [
        name,
        ["Status", (job) => jobStatus(job as JobObject), 0],
        ["Completions", (job) => jobCompletions(job as JobObject), 0],
        ["Duration", (job, nowMs) => jobDuration(job as JobObject, nowMs), 0],
        ["Age", age, 0],
        ["Containers", (job) => jobContainers(job as JobObject, "name"), 1],
        ["Images", (job) => jobContainers(job as JobObject, "image"), 1],
        ["Selector", ({ metadata }) => `batch.kubernetes.io/controller-uid=${metadata.uid}`, 1],
      ];
    case "secrets":
      return [name, ["Type", ({ type }) => text(type), 0], ["Data", ({ data }) => size(data), 0], ["Age", age, 0]];
    case "configmaps":
      return [name, ["Data", ({ data, binaryData }) => size(data) + size(binaryData), 0], ["Age", age, 0]];
    case "serviceaccounts":
      return [name, ["Secrets", ({ secrets }) => size(secrets), 0], ["Age", age, 0]];
    case "namespaces":
      return [name, ["Status", ({ status }) => text(field(status, "phase")), 0], ["Age", age, 0]];
    case "leases":
      return [name, ["Holder", ({ spec }) => text(field(spec, "holderIdentity")), 0], ["Age", age, 0]];
    case "nodes":
      return [
        name,
        ["Status", (node) => nodeStatus(node as NodeObject), 0],
        ["Roles", () => NONE, 0],
        ["Age", age, 0],
        ["Version", ({ status }) => nodeInfo(status, "kubeletVersion"), 0],
        ["Internal-IP", ({ status }) => internalIp(status), 1],
        ["External-IP", () => NONE, 1],
        ["OS-Image", ({ status }) => nodeInfo(status, "osImage"), 1],
        ["Kernel-Version", ({ status }) => nodeInfo(status, "kernelVersion"), 1],
        ["Container-Runtime", ({ status }) => nodeInfo(status, "containerRuntimeVersion"), 1],
      ];
    case "events":
      return [
        ["Last Seen", (event, nowMs) => since(event.lastTimestamp ?? event.metadata.creationTimestamp, nowMs), 0],
        ["Type", ({ type }) => text(type), 0],
        ["Reason", ({ reason }) => text(reason), 0],
        ["Object", ({ involvedObject }) => aboutWhat(involvedObject), 0],
        ["Subobject", ({ involvedObject }) => text(field(involvedObject, "fieldPath")), 1],
        ["Source", ({ source }) => text(field(source, "component")), 1],
        ["Message", ({ message }) => text(message).trim(), 0],
        ["First Seen", (event, nowMs) => since(event.firstTimestamp ?? event.metadata.creationTimestamp, nowMs), 1],
        ["Count", ({ count }) => (typeof count === "number" ? count : 1), 1],
        ["Name", ({ metadata }) => metadata.name, 1],
      ];
  }
}

/**
 * Objects as a `meta.k8s.io/v1` Table: what kubectl prints. Ages are counted here, in the world's time, because kubectl's own clock is
 * another one.
 */
export function tableOf(
  resource: Resource,
  objects: readonly KubeObject[],
  metadata: Readonly<Record<string, unknown>>,
  include: "Metadata" | "Object" | "None",
  nowMs: number,
): Readonly<Record<string, unknown>> {
  const columns = columnsOf(resource);
  return {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata,
    columnDefinitions: columns.map(([title, , priority]) => ({
      name: title,
      type: "string",
      format: title === "Name" ? "name" : "",
      description: title,
      priority,
    })),
    rows: objects.map((object) => ({
      cells: columns.map(([, cell]) => cell(object, nowMs)),
      object: included(object, include),
    })),
  };
}

function included(object: KubeObject, include: "Metadata" | "Object" | "None"): unknown {
  if (include === "None") return null;
  return include === "Object" ? object : partialObject(object);
}

/** The object's metadata alone. */
export function partialObject({ metadata }: KubeObject): Readonly<Record<string, unknown>> {
  return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata };
}

function jobStatus({ metadata, spec, status }: JobObject): string {
  const holds = (type: string) =>
    status.conditions?.some((condition) => condition.type === type && condition.status === "True");
  if (holds("Complete") === true) return "Complete";
  if (holds("Failed") === true) return "Failed";
  if (metadata.deletionTimestamp !== undefined) return "Terminating";
  if (spec.suspend) return "Suspended";
  return ["FailureTarget", "SuccessCriteriaMet"].find(holds) ?? "Running";
}

function jobCompletions({ spec, status }: JobObject): string {
  const succeeded = status.succeeded ?? 0;
  if (spec.completions !== undefined) return `${succeeded}/${spec.completions}`;
  return spec.parallelism > 1 ? `${succeeded}/1 of ${spec.parallelism}` : `${succeeded}/1`;
}

function jobDuration({ status }: JobObject, nowMs: number): string {
  if (status.startTime === undefined) return "";
  const end = status.completionTime === undefined ? nowMs : Date.parse(status.completionTime);
  return humanDuration(end - Date.parse(status.startTime));
}

function jobContainers({ spec }: JobObject, what: "name" | "image"): string {
  return spec.template.spec.containers.map((container) => container[what]).join(",");
}

function nodeStatus({ spec, status }: NodeObject): string {
  const ready = status.conditions.find(({ type }) => type === "Ready")?.status;
  const word = ready === "True" ? "Ready" : ready === undefined ? "Unknown" : "NotReady";
  return spec.unschedulable === true ? `${word},SchedulingDisabled` : word;
}

function nodeInfo(status: unknown, what: string): string {
  return text(field(field(status, "nodeInfo"), what)) || "<unknown>";
}

function internalIp(status: unknown): string {
  const addresses = field(status, "addresses");
  const [first] = Array.isArray(addresses) ? (addresses as readonly unknown[]) : [];
  return text(field(first, "address")) || NONE;
}

function aboutWhat(involved: unknown): string {
  return `${text(field(involved, "kind")).toLowerCase()}/${text(field(involved, "name"))}`;
}

function since(stamp: unknown, nowMs: number): string {
  return typeof stamp === "string" ? humanDuration(nowMs - Date.parse(stamp)) : "<unknown>";
}

function field(value: unknown, key: string): unknown {
  return isRecord(value) ? value[key] : undefined;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function size(value: unknown): number {
  if (Array.isArray(value)) return value.length;
  return isRecord(value) ? Object.keys(value).length : 0;
}
