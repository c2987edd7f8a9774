import type { RunningAgent } from "../../agent-host.ts";
import {
  type ContainerSpec,
  type ContainerState,
  type ContainerStatus,
  type PodPhase,
  type PodSpec,
  timestamp,
} from "../objects.ts";
import { isSidecar } from "./pod-resources.ts";

/** One container of a pod on its node: what it is, and how it fares. */
export interface Container {
  readonly spec: ContainerSpec;
  readonly role: "init" | "sidecar" | "main";
  state: ContainerState;
  lastState: ContainerState;
  restartCount: number;
  startedAt: number;
  /** How long the next restart waits. */
  backoffMs: number;
  /** How long the next pull waits after one that failed. */
  pullBackoffMs: number;
  /** The agent that runs in it. */
  agent: RunningAgent | undefined;
}

/** The first restart is at once, the next ones wait. */
const FIRST_BACKOFF_MS = 10_000;
const LONGEST_BACKOFF_MS = 300_000;
/** A container that ran this long begins anew with its back-off. */
const BACKOFF_RESET_MS = 600_000;

/** A pod's containers before anything was started: init containers and sidecars first. */
export function containersOf(spec: PodSpec): readonly Container[] {
  const init = spec.initContainers ?? [];
  const waiting = (reason: string): ContainerState => ({ waiting: { reason } });
  const fresh = {
    lastState: {},
    restartCount: 0,
    startedAt: 0,
    backoffMs: 0,
    pullBackoffMs: FIRST_BACKOFF_MS,
    agent: undefined,
  };
  return [
    ...init.map((container): Container => {
      const role = isSidecar(container) ? "sidecar" : "init";
      return { ...fresh, spec: container, role, state: waiting("PodInitializing") };
    }),
    ...spec.containers.map((container): Container => {
      return {
        ...fresh,
        spec: container,
        role: "main",
        state: waiting(init.length > 0 ? "PodInitializing" : "ContainerCreating"),
      };
    }),
  ];
}

export function isRunning({ state }: Container): boolean {
  return state.running !== undefined;
}

/** Marks it as waiting, and why. */
export function markWaiting(container: Container, reason: string, message: string): void {
  if (container.state.terminated !== undefined) container.lastState = container.state;
  container.state = { waiting: { reason, message } };
}

/** Marks it as running since now. */
export function markRunning(container: Container, nowMs: number): void {
  if (container.state.terminated !== undefined) container.lastState = container.state;
  if (container.lastState.terminated !== undefined) container.restartCount += 1;
  container.startedAt = nowMs;
  container.state = { running: { startedAt: timestamp(nowMs) } };
}

/** Marks it as ended now. */
export function markEnded(container: Container, exitCode: number, nowMs: number): void {
  const reason = exitCode === 0 ? "Completed" : "Error";
  container.state = {
    terminated: { exitCode, reason, startedAt: timestamp(container.startedAt), finishedAt: timestamp(nowMs) },
  };
}

/** How long the restart of a container that just ended waits; the next one will wait twice as long. */
export function takeBackoff(container: Container, nowMs: number): number {
  if (nowMs - container.startedAt >= BACKOFF_RESET_MS) container.backoffMs = 0;
  const { backoffMs } = container;
  container.backoffMs = backoffMs === 0 ? FIRST_BACKOFF_MS : Math.min(backoffMs * 2, LONGEST_BACKOFF_MS);
  return backoffMs;
}

/** The same for an image that could not be pulled. */
export function takePullBackoff(container: Container): number {
  const { pullBackoffMs } = container;
  container.pullBackoffMs = Math.min(pullBackoffMs * 2, LONGEST_BACKOFF_MS);
  return pullBackoffMs;
}

/** Whether the pod's policy wants a container again that ended. */
export function wantsRestart({ role, state }: Container, { restartPolicy }: PodSpec): boolean {
  const failed = state.terminated?.exitCode !== 0;
  if (role === "sidecar") return true;
  if (role === "init") return failed && restartPolicy !== "Never";
  return restartPolicy === "Always" || (restartPolicy === "OnFailure" && failed);
}

/** The phase of a pod whose containers nobody ends, as a kubelet derives it. */
export function phaseOf(containers: readonly Container[], spec: PodSpec): PodPhase {
  if (containers.some(({ role, state }) => role === "init" && (state.terminated?.exitCode ?? 1) !== 0)) {
    const failed = containers.find(
      ({ role, state }) => role === "init" && state.terminated !== undefined && state.terminated.exitCode !== 0,
    );
    return failed !== undefined && spec.restartPolicy === "Never" ? "Failed" : "Pending";
  }
  const main = containers.filter(({ role }) => role === "main");
  // A container that waits for its first start keeps the whole pod Pending, whatever runs beside it.
  if (main.some(({ state, lastState }) => state.waiting !== undefined && lastState.terminated === undefined))
    return "Pending";
  if (main.some((container) => isRunning(container) || container.state.waiting !== undefined)) return "Running";
  if (main.some((container) => wantsRestart(container, spec))) return "Running";
  return main.every(({ state }) => state.terminated?.exitCode === 0) ? "Succeeded" : "Failed";
}

/** What the pod's status says of it. */
export function containerStatus(
  { spec, role, state, lastState, restartCount }: Container,
  nodeName: string,
): ContainerStatus {
  const running = state.running !== undefined;
  const known = running || state.terminated !== undefined || lastState.terminated !== undefined;
  return {
    name: spec.name,
    image: spec.image,
    imageID: known ? `sha256:${Buffer.from(spec.image).toString("hex").slice(0, 64)}` : "",
    ...(known && { containerID: `containerd://${nodeName}-${spec.name}-${restartCount}` }),
    ready: running || (role === "init" && state.terminated?.exitCode === 0),
    started: running,
    restartCount,
    state,
    lastState,
  };
}
