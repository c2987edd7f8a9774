import type { JobRecord, PodRecord, SecretRecord } from "../../src/domain/cluster-objects.ts";
import { type Drain, writeDrain } from "../../src/domain/drain.ts";
import {
  DRAIN_ANNOTATION,
  GROUP_LABEL,
  INSTALLATION_LABEL,
  jobName,
  RUNNER_UUID_LABEL,
  secretName,
} from "../../src/domain/mark.ts";
import type { RemoteRunner } from "../../src/domain/remote-runner.ts";
import type { Runner } from "../../src/domain/runner.ts";
import { mergeRunners } from "../../src/runners/merge.ts";

/** Samples for unit tests: a runner as both planes show it, in its most ordinary shape, with whatever the test changes. */
export const INSTALLATION = "abcdefgh";
const UUID = "{00000000-0000-4000-8000-000000000001}";
export const LABELS = ["gke.runner", "self.hosted", "linux", "autoscaler.created"] as const;
export const NOW = Date.UTC(2026, 0, 1, 12);

export function aRemote(changes: Partial<RemoteRunner> = {}): RemoteRunner {
  return {
    uuid: UUID,
    name: `Runner group 1 [${INSTALLATION}-aaaaaa]`,
    labels: LABELS,
    status: "ONLINE",
    cordoned: false,
    busy: "idle",
    connected: true,
    createdAt: NOW - 3_600_000,
    stateUpdatedAt: NOW - 10_000,
    ...changes,
  };
}

export function aJob(changes: Partial<JobRecord> = {}, drain?: Drain): JobRecord {
  const uuid = changes.runnerUuid ?? UUID;
  return {
    namespace: "default",
    name: jobName(uuid),
    uid: `job-${uuid}`,
    resourceVersion: "1",
    createdAt: NOW - 3_600_000,
    labels: { [INSTALLATION_LABEL]: INSTALLATION, [GROUP_LABEL]: "group", [RUNNER_UUID_LABEL]: uuid.slice(1, -1) },
    annotations: drain === undefined ? {} : { [DRAIN_ANNOTATION]: writeDrain(drain) },
    runnerUuid: uuid,
    state: "active",
    deleting: false,
    ...changes,
  };
}

export function aPod(changes: Partial<PodRecord> = {}): PodRecord {
  return {
    namespace: "default",
    name: `${jobName(UUID)}-x`,
    uid: "pod-1",
    jobUid: `job-${UUID}`,
    jobName: jobName(UUID),
    runnerUuid: UUID,
    createdAt: NOW - 3_600_000,
    phase: "Running",
    deleting: false,
    containers: [
      { name: "runner", role: "agent", state: "running", everStarted: true },
      { name: "docker", role: "helper", state: "running", everStarted: true },
    ],
    ...changes,
  };
}

/** A pod that waits for a node: no container was ever started. */
export function aPendingPod(): PodRecord {
  return aPod({ phase: "Pending", containers: [] });
}

/** A pod whose containers have ended. */
export function anEndedPod(): PodRecord {
  return aPod({
    phase: "Failed",
    containers: [{ name: "runner", role: "agent", state: "terminated", everStarted: true }],
  });
}

export function aSecret(changes: Partial<SecretRecord> = {}): SecretRecord {
  return {
    namespace: "default",
    name: secretName(UUID),
    uid: "secret-1",
    resourceVersion: "1",
    createdAt: NOW - 3_600_000,
    labels: { [INSTALLATION_LABEL]: INSTALLATION, [RUNNER_UUID_LABEL]: UUID.slice(1, -1) },
    annotations: {},
    ownerJobUid: `job-${UUID}`,
    ...changes,
  };
}

/** The one runner that these sides merge to, as a group of that label set in namespace `default` sees it. */
export function aRunner(
  sides: {
    remote?: RemoteRunner | null;
    job?: JobRecord | null;
    pods?: readonly PodRecord[];
    secret?: SecretRecord | null;
  } = {},
): Runner {
  const present = <T>(value: T | null | undefined, usual: T): readonly T[] => (value === null ? [] : [value ?? usual]);
  const planes = {
    installation: INSTALLATION,
    remotes: present(sides.remote, aRemote()),
    jobs: present(sides.job, aJob()),
    pods: sides.pods ?? [aPod()],
    secrets: present(sides.secret, aSecret()),
    readAt: NOW,
  };
  const [runner] = mergeRunners(planes, { labels: LABELS, namespace: "default" });
  if (runner === undefined) throw new Error("a runner needs at least a registration or a Job");
  return runner;
}
