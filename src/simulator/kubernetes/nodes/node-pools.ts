import type { Range } from "../cluster.ts";
import { type Condition, type NodeObject, type Taint, timestamp } from "../objects.ts";

/** Machines of one kind. */
export interface NodePool {
  /** Nodes are called `<name>-1`, `<name>-2`, … */
  readonly name: string;
  /** Quantities. */
  readonly cpu: string;
  readonly memory: string;
  /** Most pods on one node; default 110. */
  readonly pods?: number;
  /** Default amd64. */
  readonly arch?: "amd64" | "arm64";
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  /** Nodes that are there from the beginning; the autoscaler never goes below. */
  readonly initial: number;
  /** The autoscaler adds nodes for pods that fit nowhere, up to this many in all; default `initial`: it adds none. */
  readonly max?: number;
  /** From asking for a node until it is Ready; default 60 to 120 s. */
  readonly bootMs?: Range;
  /** The autoscaler takes a node away that had no pod for this long; default: never. */
  readonly removeIdleAfterMs?: number;
}

/** A fresh node of a pool, as the draft of an object: Ready. */
export function nodeDraft(pool: NodePool, name: string): Readonly<Record<string, unknown>> {
  const arch = pool.arch ?? "amd64";
  return {
    metadata: {
      name,
      labels: {
        "kubernetes.io/arch": arch,
        "kubernetes.io/os": "linux",
        "kubernetes.io/hostname": name,
        "node-pool": pool.name,
        ...pool.labels,
      },
    },
    spec: pool.taints === undefined ? {} : { taints: pool.taints },
  };
}

/** A fresh node's status. */
export function nodeStatus(pool: NodePool, index: number, nowMs: number): NodeObject["status"] {
  const amounts = { cpu: pool.cpu, memory: pool.memory, pods: String(pool.pods ?? 110), "ephemeral-storage": "100Gi" };
  return {
    capacity: amounts,
    allocatable: amounts,
    conditions: [readyCondition("True", nowMs)],
    addresses: [{ type: "InternalIP", address: `10.0.${index >> 8}.${index & 255}` }],
    nodeInfo: {
      architecture: pool.arch ?? "amd64",
      operatingSystem: "linux",
      kubeletVersion: "v1.34.4",
      osImage: "simulated",
      kernelVersion: "simulated",
      containerRuntimeVersion: "simulated://1",
    },
  };
}

/** Whether a node's kubelet is heard. */
export function readyCondition(status: "True" | "Unknown", nowMs: number): Condition {
  const ready = status === "True";
  return {
    type: "Ready",
    status,
    lastHeartbeatTime: timestamp(nowMs),
    lastTransitionTime: timestamp(nowMs),
    reason: ready ? "KubeletReady" : "NodeStatusUnknown",
    message: ready ? "kubelet is posting ready status" : "Kubelet stopped posting node status.",
  };
}
