import * as z from "zod";
import type {
  ConfigMapRecord,
  ContainerRecord,
  JobRecord,
  PodRecord,
  SecretRecord,
} from "../../domain/cluster-objects.ts";
import { bareUuid, bracedUuid, RUNNER_UUID_LABEL } from "../../domain/mark.ts";
import { CONFIG_MAPS, JOBS, type Kind, SECRETS } from "./kind.ts";
import { Metadata, readAs } from "./metadata.ts";

/** A kind, and how to read its objects. */
export interface RecordKind<T> {
  readonly kind: Kind;
  /** @throws {KubernetesError} when it is no such object. */
  readonly read: (object: unknown) => T;
}

/** The runner's own variable in its container, as the job template sets it. */
const RUNNER_UUID_VARIABLE = "RUNNER_UUID";
const JOB_NAME_LABELS = ["batch.kubernetes.io/job-name", "job-name"];

const Container = z.object({
  name: z.string().nullish(),
  env: z.array(z.object({ name: z.string(), value: z.string().nullish() })).nullish(),
});

const PodSpec = z.object({ containers: z.array(Container).nullish(), restartPolicy: z.string().nullish() });

const JobObject = z.object({
  metadata: Metadata,
  spec: z.object({
    template: z.object({
      metadata: z.object({ labels: z.record(z.string(), z.string()).nullish() }).nullish(),
      spec: PodSpec,
    }),
  }),
  status: z
    .object({
      conditions: z.array(z.object({ type: z.string(), status: z.string() })).nullish(),
      active: z.number().nullish(),
      succeeded: z.number().nullish(),
      failed: z.number().nullish(),
    })
    .nullish(),
});

const present = z.object({}).nullish();
const Reason = z.string().nullish();

const ContainerStatus = z.object({
  name: z.string(),
  restartCount: z.number().nullish(),
  state: z
    .object({
      running: present,
      waiting: z.object({ reason: Reason }).nullish(),
      terminated: z.object({ exitCode: z.number().nullish(), reason: Reason }).nullish(),
    })
    .nullish(),
  lastState: z.object({ terminated: present }).nullish(),
});

const PodObject = z.object({
  metadata: Metadata,
  spec: PodSpec.nullish(),
  status: z
    .object({
      phase: z.string().nullish(),
      reason: Reason,
      message: Reason,
      conditions: z
        .array(z.object({ type: z.string(), status: z.string(), reason: Reason, message: Reason }))
        .nullish(),
      initContainerStatuses: z.array(ContainerStatus).nullish(),
      containerStatuses: z.array(ContainerStatus).nullish(),
    })
    .nullish(),
});

const SecretObject = z.object({ metadata: Metadata });

/** @throws {KubernetesError} when it is no Job. */
export function jobRecord(object: unknown): JobRecord {
  const { metadata, spec, status } = readAs(JobObject, "Job", object);
  const isTrue = (type: string) => status?.conditions?.some((it) => it.type === type && it.status === "True") === true;
  return {
    ...namesOf(metadata),
    resourceVersion: metadata.resourceVersion,
    labels: metadata.labels,
    annotations: metadata.annotations,
    runnerUuid: runnerUuid(spec.template.spec, metadata.labels, spec.template.metadata?.labels),
    state: isTrue("Complete") ? "complete" : isTrue("Failed") ? "failed" : "active",
    deleting: metadata.deletionTimestamp != null,
    pods: { active: status?.active ?? 0, succeeded: status?.succeeded ?? 0, failed: status?.failed ?? 0 },
  };
}

/** @throws {KubernetesError} when it is no Pod. */
export function podRecord(object: unknown): PodRecord {
  const { metadata, spec, status } = readAs(PodObject, "Pod", object);
  const owner = metadata.ownerReferences.find(({ kind, controller }) => kind === "Job" && controller === true);
  return {
    ...namesOf(metadata),
    jobUid: owner?.uid,
    jobName: JOB_NAME_LABELS.map((label) => metadata.labels[label]).find((name) => name !== undefined),
    runnerUuid: runnerUuid(spec ?? {}, metadata.labels),
    phase: phaseOf(status?.phase),
    deleting: metadata.deletionTimestamp != null,
    restartPolicy: restartPolicyOf(spec?.restartPolicy),
    why: whyOf(status),
    containers: [
      ...(status?.initContainerStatuses ?? []).map((container) => containerRecord(container, "init")),
      ...(status?.containerStatuses ?? []).map((container) =>
        containerRecord(container, roleIn(spec ?? {}, container.name)),
      ),
    ],
  };
}

/** From a Secret, or from its metadata alone. @throws {KubernetesError} when it is neither. */
export function secretRecord(object: unknown): SecretRecord {
  const { metadata } = readAs(SecretObject, "Secret", object);
  return {
    ...namesOf(metadata),
    resourceVersion: metadata.resourceVersion,
    labels: metadata.labels,
    annotations: metadata.annotations,
    ownerJobUid: metadata.ownerReferences.find(({ kind }) => kind === "Job")?.uid,
  };
}

const ConfigMapObject = z.object({
  metadata: Metadata,
  data: z.record(z.string(), z.string()).nullish(),
});

/** @throws {KubernetesError} when it is no ConfigMap. */
export function configMapRecord(object: unknown): ConfigMapRecord {
  const { metadata, data } = readAs(ConfigMapObject, "ConfigMap", object);
  const { createdAt: _, ...names } = namesOf(metadata);
  return { ...names, resourceVersion: metadata.resourceVersion, labels: metadata.labels, data: data ?? {} };
}

export const CONFIG_MAP_RECORDS: RecordKind<ConfigMapRecord> = { kind: CONFIG_MAPS, read: configMapRecord };
export const JOB_RECORDS: RecordKind<JobRecord> = { kind: JOBS, read: jobRecord };
export const SECRET_RECORDS: RecordKind<SecretRecord> = { kind: SECRETS, read: secretRecord };

function namesOf({ namespace, name, uid, creationTimestamp }: z.infer<typeof Metadata>) {
  return { namespace, name, uid, createdAt: creationTimestamp };
}

function runnerUuid(
  { containers }: z.infer<typeof PodSpec>,
  ...labels: (Readonly<Record<string, string>> | null | undefined)[]
): string | undefined {
  const variables = (containers ?? []).flatMap(({ env }) => env ?? []);
  const fromEnv = variables.filter(({ name }) => name === RUNNER_UUID_VARIABLE).map(({ value }) => value);
  const fromLabels = labels.map((map) => map?.[RUNNER_UUID_LABEL]);
  const uuid = [...fromEnv, ...fromLabels].find((text) => text != null && bareUuid(text) !== "");
  return uuid == null ? undefined : bracedUuid(uuid);
}

/** The agent is the one that knows the runner's uuid; where none does, it could be any of them. */
function roleIn({ containers }: z.infer<typeof PodSpec>, name: string): ContainerRecord["role"] {
  const agents = (containers ?? []).filter(({ env }) =>
    env?.some((variable) => variable.name === RUNNER_UUID_VARIABLE),
  );
  return agents.length === 0 || agents.some((agent) => agent.name === name) ? "agent" : "helper";
}

/** "If none of [the states] is specified, the default one is ContainerStateWaiting" (API reference, ContainerState). */
function containerRecord(
  { name, restartCount, state, lastState }: z.infer<typeof ContainerStatus>,
  role: ContainerRecord["role"],
): ContainerRecord {
  const now = state?.terminated != null ? "terminated" : state?.running != null ? "running" : "waiting";
  return {
    name,
    role,
    state: now,
    everStarted: now !== "waiting" || (restartCount ?? 0) > 0 || lastState?.terminated != null,
    exitCode: state?.terminated?.exitCode ?? undefined,
    reason: state?.terminated?.reason ?? state?.waiting?.reason ?? undefined,
  };
}

/** "Always" is Kubernetes' default; Jobs must name one of the others. */
function restartPolicyOf(policy: string | null | undefined): PodRecord["restartPolicy"] {
  return policy === "Never" || policy === "OnFailure" ? policy : "Always";
}

const LONGEST_WHY = 200;

/** The pod's own reason, else why it found no node; one line. */
function whyOf(status: z.infer<typeof PodObject>["status"]): string | undefined {
  const unscheduled = status?.conditions?.find(
    ({ type, status: holds }) => type === "PodScheduled" && holds === "False",
  );
  const { reason, message } = status?.reason != null || status?.message != null ? status : (unscheduled ?? {});
  const words = [reason, message].filter((text) => text != null && text !== "").join(": ");
  return words === "" ? undefined : oneLine(words).slice(0, LONGEST_WHY);
}

function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
  return text
    .slice(0, 4 * LONGEST_WHY)
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ")
    .trim();
}

function phaseOf(phase: string | null | undefined): PodRecord["phase"] {
  switch (phase) {
    case "Pending":
    case "Running":
    case "Succeeded":
    case "Failed":
      return phase;
    default:
      return "Unknown";
  }
}
