import type { ContainerRecord, JobRecord, PodRecord, SecretRecord } from "../../src/domain/cluster-objects.ts";
import { type Drain, writeDrain } from "../../src/domain/drain.ts";
import { type Lasting, NOTHING_LASTED } from "../../src/domain/lasting.ts";
import type { LedgerEntry } from "../../src/domain/ledger.ts";
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
import { mergePlanes, runnerIn } from "../../src/runners/merge.ts";

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
    pods: { active: 1, succeeded: 0, failed: 0 },
    ...changes,
  };
}

export function aPod(changes: Partial<PodRecord> = {}): PodRecord {
  const uuid = changes.runnerUuid ?? UUID;
  return {
    namespace: "default",
    name: `${jobName(uuid)}-x`,
    uid: "pod-1",
    jobUid: `job-${uuid}`,
    jobName: jobName(uuid),
    runnerUuid: uuid,
    createdAt: NOW - 3_600_000,
    phase: "Running",
    deleting: false,
    restartPolicy: "OnFailure",
    why: undefined,
    containers: [aContainer(), aContainer({ name: "docker", role: "helper" })],
    ...changes,
  };
}

/** The agent's container, running. */
export function aContainer(changes: Partial<ContainerRecord> = {}): ContainerRecord {
  return {
    name: "runner",
    role: "agent",
    state: "running",
    everStarted: true,
    exitCode: undefined,
    reason: undefined,
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
    containers: [aContainer({ state: "terminated", exitCode: 1, reason: "Error" })],
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

/** What `aRunner` is made of. */
export interface SampleSides {
  readonly remote?: RemoteRunner | null;
  readonly job?: JobRecord | null;
  readonly pods?: readonly PodRecord[];
  readonly secret?: SecretRecord | null;
  readonly entry?: LedgerEntry;
  /** What has lasted; everything else is seen for the first time. */
  readonly lasting?: Partial<Lasting>;
}

/** The one runner that these sides merge to, as a group of that label set in namespace `default` sees it. */
export function aRunner(sides: SampleSides = {}): Runner {
  const present = <T>(value: T | null | undefined, usual: T): readonly T[] => (value === null ? [] : [value ?? usual]);
  const remotes = present(sides.remote, aRemote());
  const jobs = present(sides.job, aJob());
  const uuid = remotes[0]?.uuid ?? jobs[0]?.runnerUuid ?? UUID;
  const planes = {
    installation: INSTALLATION,
    remotes,
    jobs,
    pods: sides.pods ?? [aPod()],
    secrets: present(sides.secret, aSecret()),
    namespaces: new Set(["default"]),
    entries: sides.entry === undefined ? {} : { [uuid]: sides.entry },
  };
  const [merged] = mergePlanes(planes, [{ labels: LABELS, namespace: "default" }]);
  if (merged === undefined) throw new Error("a runner needs at least a registration or a Job");
  return runnerIn(merged, { ...NOTHING_LASTED, ...sides.lasting });
}
