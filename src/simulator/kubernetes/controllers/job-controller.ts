import { controller } from "../actor.ts";
import { ApiError } from "../api/api-error.ts";
import { decodeValue } from "../api/decode.ts";
import type { Cluster } from "../cluster.ts";
import {
  controlledBy,
  controllerUid,
  isFinished,
  type JobObject,
  type JobStatus,
  type PodObject,
  timestamp,
} from "../objects.ts";
import { RESOURCES } from "../resources.ts";
import { type Change, keyOfObject } from "../store.ts";
import { WorkQueue } from "../timers.ts";
import { finishedCondition, nextConditions, type PodCounts, podsWanted } from "./job-rules.ts";

const by = controller("job-controller");
const FIRST_BACKOFF_MS = 10_000;
const LONGEST_BACKOFF_MS = 600_000;

/** What the controller remembers of a Job beside its status. */
interface Ledger {
  /** Uids of pods whose end is in the Job's status. */
  readonly counted: Set<string>;
  /** Pods that went before they were counted. */
  readonly vanished: Map<string, PodObject>;
  failuresInARow: number;
  lastFailureAt: number;
}

/**
 * Makes the pods of Jobs, counts how they end, and declares Jobs complete or failed, as Kubernetes' job controller does: a deleted pod
 * counts as failed and is replaced; replacements after failures wait 10 s, 20 s, … up to 10 min.
 *
 * One difference: ended pods are counted from the controller's memory, not by a finalizer on each pod.
 */
export class JobController {
  readonly #cluster: Cluster;
  readonly #queue: WorkQueue;
  readonly #ledgers = new Map<string, Ledger>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#queue = new WorkQueue(cluster.timers, (key) => this.#sync(key));
  }

  onChange({ type, resource, object, by: author }: Change): void {
    const { times } = this.#cluster;
    if (resource.name === "jobs") {
      if (type === "DELETED") this.#ledgers.delete(object.metadata.uid);
      else if (author !== by) this.#queue.add(keyOfObject(object), times.jobSyncMs);
    }
    if (resource.name !== "pods") return;
    const job = this.#jobOf(object as PodObject);
    if (job === undefined) return;
    if (type === "DELETED") this.#ledger(job).vanished.set(object.metadata.uid, object as PodObject);
    this.#queue.add(keyOfObject(job), times.podBatchMs);
  }

  #sync(key: string): void {
    const [namespace, name = ""] = key.split("/");
    const job = this.#cluster.store.get(RESOURCES.jobs, namespace, name) as JobObject | undefined;
    if (job === undefined || finishedCondition(job.status) !== undefined) return;
    const counts = this.#count(job);
    const nowMs = this.#cluster.timers.now();
    const conditions = nextConditions(job, counts, nowMs);
    const deciding = conditions.find(({ type }) => type === "FailureTarget" || type === "SuccessCriteriaMet");
    let { active } = counts;
    if (deciding !== undefined || job.spec.suspend) {
      this.#delete(active);
    } else if (job.metadata.deletionTimestamp === undefined) {
      active = this.#fill(job, counts, key);
    }
    this.#writeStatus(job, { ...counts, active }, conditions);
    this.#armDeadline(job, key, nowMs);
  }

  /** Counts pods that ended, each once, and sorts the others. */
  #count(job: JobObject): PodCounts {
    const { store, timers } = this.#cluster;
    const ledger = this.#ledger(job);
    const pods = store
      .dependentsOf(job.metadata.uid)
      .filter(({ resource, object }) => resource.name === "pods" && controllerUid(object) === job.metadata.uid)
      .map(({ object }) => object as PodObject);
    let { succeeded = 0, failed = 0 } = job.status;
    for (const pod of [...pods, ...ledger.vanished.values()]) {
      const { uid, deletionTimestamp } = pod.metadata;
      if (ledger.counted.has(uid)) continue;
      if (!isFinished(pod) && deletionTimestamp === undefined && !ledger.vanished.has(uid)) continue;
      ledger.counted.add(uid);
      if (pod.status.phase === "Succeeded") {
        succeeded += 1;
        ledger.failuresInARow = 0;
      } else {
        failed += 1;
        ledger.failuresInARow += 1;
        ledger.lastFailureAt = timers.now();
      }
    }
    ledger.vanished.clear();
    const running = pods.filter((pod) => !isFinished(pod));
    const active = running.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    return { active, terminating: running.length - active.length, succeeded, failed };
  }

  /** Makes missing pods and takes surplus ones away; gives the active ones as they are then. */
  #fill(job: JobObject, counts: PodCounts, key: string): readonly PodObject[] {
    const missing = podsWanted(job.spec, counts) - counts.active.length;
    if (missing < 0) this.#delete(counts.active.slice(missing));
    if (missing <= 0) return counts.active;
    const { failuresInARow, lastFailureAt } = this.#ledger(job);
    if (failuresInARow > 0) {
      const backoffMs = Math.min(FIRST_BACKOFF_MS * 2 ** (failuresInARow - 1), LONGEST_BACKOFF_MS);
      const waitMs = lastFailureAt + backoffMs - this.#cluster.timers.now();
      if (waitMs > 0) {
        this.#queue.add(key, waitMs);
        return counts.active;
      }
    }
    return [...counts.active, ...Array.from({ length: missing }).flatMap(() => this.#createPod(job, key))];
  }

  #createPod(job: JobObject, key: string): readonly PodObject[] {
    const { api, events } = this.#cluster;
    const { namespace, name } = job.metadata;
    const { metadata, spec } = job.spec.template;
    const draft = decodeValue(RESOURCES.pods, {
      metadata: { ...metadata, generateName: `${name}-`, ownerReferences: [controlledBy(job)] },
      spec,
    });
    try {
      const refusal = this.#cluster.refusals.get(namespace ?? "");
      if (refusal !== undefined) throw new ApiError(403, "Forbidden", `pods "${name}-" is forbidden: ${refusal}`);
      const pod = api.create(RESOURCES.pods, namespace, draft, { by });
      const message = `Created pod: ${pod.metadata.name}`;
      events.record(job, { type: "Normal", reason: "SuccessfulCreate", message, by: by.name });
      return [pod as PodObject];
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      events.record(job, {
        type: "Warning",
        reason: "FailedCreate",
        message: `Error creating: ${error.message}`,
        by: by.name,
      });
      this.#queue.add(key, FIRST_BACKOFF_MS);
      return [];
    }
  }

  #delete(pods: readonly PodObject[]): void {
    for (const { metadata } of pods) {
      this.#cluster.api.delete(RESOURCES.pods, metadata.namespace, metadata.name, {
        by,
        propagationPolicy: "Background",
      });
    }
  }

  #writeStatus(job: JobObject, counts: PodCounts, conditions: NonNullable<JobStatus["conditions"]>): void {
    const { api, store, timers, events } = this.#cluster;
    const current = store.get(RESOURCES.jobs, job.metadata.namespace, job.metadata.name) as JobObject | undefined;
    if (current?.metadata.uid !== job.metadata.uid) return;
    const now = timestamp(timers.now());
    const finished = finishedCondition({ conditions });
    const ready = counts.active.filter(({ status }) =>
      status.conditions?.some(({ type, status: holds }) => type === "Ready" && holds === "True"),
    ).length;
    const active = finished === undefined ? counts.active.length : 0;
    const startTime = job.status.startTime ?? (job.spec.suspend ? undefined : now);
    const status: JobStatus & Readonly<Record<string, unknown>> = {
      ...(conditions.length > 0 && { conditions }),
      ...(startTime !== undefined && { startTime }),
      ...(finished?.type === "Complete" && { completionTime: now }),
      ...(active > 0 && { active }),
      ...(counts.succeeded > 0 && { succeeded: counts.succeeded }),
      ...(counts.failed > 0 && { failed: counts.failed }),
      terminating: counts.terminating,
      uncountedTerminatedPods: {},
      ready: finished === undefined ? ready : 0,
    };
    const written = api.put(RESOURCES.jobs, { ...current, status }, by) as JobObject;
    if (finished === undefined) return;
    const completed = finished.type === "Complete";
    events.record(job, {
      type: completed ? "Normal" : "Warning",
      reason: completed ? "Completed" : (finished.reason ?? "Failed"),
      message: completed ? "Job completed" : (finished.message ?? ""),
      by: by.name,
    });
    this.#armRemoval(written);
  }

  /** `ttlSecondsAfterFinished`. */
  #armRemoval({ metadata, spec }: JobObject): void {
    const { ttlSecondsAfterFinished } = spec;
    if (ttlSecondsAfterFinished === undefined) return;
    const { api, store, timers } = this.#cluster;
    const { namespace, name, uid } = metadata;
    timers.after(ttlSecondsAfterFinished * 1_000, () => {
      if (store.get(RESOURCES.jobs, namespace, name)?.metadata.uid !== uid) return;
      api.delete(RESOURCES.jobs, namespace, name, { by, propagationPolicy: "Background" });
    });
  }

  /** Looks again when `activeDeadlineSeconds` is over. */
  #armDeadline({ spec, status }: JobObject, key: string, nowMs: number): void {
    if (spec.activeDeadlineSeconds === undefined) return;
    const start = status.startTime === undefined ? nowMs : Date.parse(status.startTime);
    const left = start + spec.activeDeadlineSeconds * 1_000 - nowMs;
    if (left > 0) this.#queue.add(key, left);
  }

  #jobOf(pod: PodObject): JobObject | undefined {
    const owner = pod.metadata.ownerReferences?.find(
      ({ controller: isController, kind }) => isController === true && kind === "Job",
    );
    if (owner === undefined) return undefined;
    const job = this.#cluster.store.get(RESOURCES.jobs, pod.metadata.namespace, owner.name);
    return job?.metadata.uid === owner.uid ? (job as JobObject) : undefined;
  }

  #ledger({ metadata }: JobObject): Ledger {
    let ledger = this.#ledgers.get(metadata.uid);
    if (ledger === undefined) {
      ledger = { counted: new Set(), vanished: new Map(), failuresInARow: 0, lastFailureAt: 0 };
      this.#ledgers.set(metadata.uid, ledger);
    }
    return ledger;
  }
}
