import type { Random } from "../../support/random.ts";
import type { ApiServer } from "./api/api-server.ts";
import type { EventRecorder } from "./controllers/events.ts";
import type { Store } from "./store.ts";
import type { Timers } from "./timers.ts";

/** What the cluster's own loops share. */
export interface Cluster {
  readonly store: Store;
  readonly api: ApiServer;
  readonly timers: Timers;
  readonly random: Random;
  readonly events: EventRecorder;
  readonly times: ClusterTimes;
  /** Namespaces where a quota, a LimitRange or an admission rule refuses new pods, with its words. */
  readonly refusals: Map<string, string>;
}

/** From, to; milliseconds. */
export type Range = readonly [number, number];

/** How long things take in the cluster, in world time. */
export interface ClusterTimes {
  /** A Job was made → its pods are. */
  readonly jobSyncMs: number;
  /** A pod changed → its Job's status says so; real controllers gather such changes for a second. */
  readonly podBatchMs: number;
  /** A pod fits on a node → it is bound to it. */
  readonly scheduleMs: number;
  /** Bound → network and volumes are ready and the first container may start. */
  readonly podSetupMs: Range;
  /** Pulling an image that the node does not have. */
  readonly imagePullMs: Range;
  /** An init container's run. */
  readonly initContainerMs: number;
  /** Until a container is tried again whose Secret or key was missing. */
  readonly configRetryMs: Range;
  /** A kubelet may go on using a Secret as it was for up to this long after it changed or went. */
  readonly secretStaleMs: number;
  /** SIGTERM → the processes that heed it have ended. */
  readonly terminationMs: Range;
  /** The last owner went → the object goes. */
  readonly garbageCollectionMs: Range;
  /** A namespace's deletion → its content goes. */
  readonly namespaceDeletionMs: number;
  /** A node fell silent → it is NotReady. */
  readonly nodeMonitorGraceMs: number;
  /** A node object went → pods bound to it go. */
  readonly podCollectionMs: Range;
  /** Pods do not fit → the cluster autoscaler asks for nodes. */
  readonly autoscalerScanMs: number;
}

/** Measured on, or documented for, Kubernetes 1.34. */
export const CLUSTER_TIMES: ClusterTimes = {
  jobSyncMs: 50,
  podBatchMs: 1_000,
  scheduleMs: 20,
  podSetupMs: [400, 900],
  imagePullMs: [2_000, 8_000],
  initContainerMs: 1_000,
  configRetryMs: [10_000, 14_000],
  secretStaleMs: 60_000,
  terminationMs: [300, 1_500],
  garbageCollectionMs: [50, 900],
  namespaceDeletionMs: 1_000,
  nodeMonitorGraceMs: 50_000,
  podCollectionMs: [20_000, 60_000],
  autoscalerScanMs: 10_000,
};
