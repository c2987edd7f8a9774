/** What this program keeps of Kubernetes' objects. Times are milliseconds since the epoch by the API server's clock. */
export interface JobRecord {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Opaque: compared by the server only. */
  readonly resourceVersion: string;
  readonly createdAt: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** The runner that its pod template starts: the container env `RUNNER_UUID`, else the label `runner_uuid`; braces added; undefined when neither is there. */
  readonly runnerUuid: string | undefined;
  /** "complete" and "failed" are final: the condition of that name is True. */
  readonly state: "active" | "complete" | "failed";
  readonly deleting: boolean;
  /** Its status' counts: pods that have not ended, and that ended in either way. A pod that vanished counts as failed. */
  readonly pods: PodCounts;
}

/** How many pods a Job has, and has had. */
interface PodCounts {
  readonly active: number;
  readonly succeeded: number;
  readonly failed: number;
}

export interface PodRecord {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** The Job that owns it (controller reference), by uid. */
  readonly jobUid: string | undefined;
  readonly jobName: string | undefined;
  /** As on the Job: env `RUNNER_UUID`, else the label; undefined for other Jobs' pods. */
  readonly runnerUuid: string | undefined;
  readonly createdAt: number;
  readonly phase: "Pending" | "Running" | "Succeeded" | "Failed" | "Unknown";
  readonly deleting: boolean;
  readonly restartPolicy: "Always" | "OnFailure" | "Never";
  /** Why it waits or ended, in the cluster's own words (`Unschedulable: 0/3 nodes are available…`), one line; undefined when it says nothing. */
  readonly why: string | undefined;
  /** Of the containers that were reported (init containers included). */
  readonly containers: readonly ContainerRecord[];
}

export interface ContainerRecord {
  readonly name: string;
  /**
   * agent: the runner itself, which needs the Secret and takes steps: a container with the variable RUNNER_UUID, or, in a template that
   * names it nowhere, every container. helper: beside it, such as the Docker daemon. init: ran before them, or a sidecar.
   */
  readonly role: "agent" | "helper" | "init";
  readonly state: "waiting" | "running" | "terminated";
  /** It ran at least once: running or terminated now, or restarted, or a last termination is reported. */
  readonly everStarted: boolean;
  /** Of one that is terminated. */
  readonly exitCode: number | undefined;
  /** Why it waits or ended (`ImagePullBackOff`, `CrashLoopBackOff`, `Completed`); undefined while it runs. */
  readonly reason: string | undefined;
}

/** A Secret's metadata. Its data is never read. */
export interface SecretRecord {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly createdAt: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Uid of the owning Job, when it has one. */
  readonly ownerJobUid: string | undefined;
}

/** A ConfigMap of the control plane's own. */
export interface ConfigMapRecord {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly data: Readonly<Record<string, string>>;
}
