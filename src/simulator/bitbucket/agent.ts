import type { AgentIdentity, RunningAgent } from "../agent-host.ts";
import type { KillCause } from "./events.ts";
import type { Step } from "./pipelines.ts";
import type { Runner } from "./runners.ts";

/**
 * One agent's process: what it really does, whatever Bitbucket believes of it. {@link Agents} moves it from state to state.
 *
 * starting → connected ⇄ cut-off (alive, but Bitbucket does not hear it) → gone; disowned: its registration was deleted, it does not
 * know yet.
 */
export interface Agent extends RunningAgent {
  readonly identity: AgentIdentity;
  readonly onExit: (exitCode: number) => void;
  state: "starting" | "connected" | "cut-off" | "disowned" | "gone";
  /** Set from its first contact on. */
  runner: Runner | undefined;
  /** When its first beat was; the others follow every `beatMs`. */
  beatsFrom: number;
  /** The step that runs in it. */
  step: Step | undefined;
  /** Its step came to its end while nobody could hear it. */
  unreported: boolean;
  /** It will poll at its next beat because there may be something to take (polls that find nothing are not played). */
  pollsNext: boolean;
}

/** How an agent's end comes about. */
export interface AgentEnd {
  readonly exitCode: number | "killed";
  readonly cause: KillCause;
}
