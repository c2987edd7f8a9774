import type { AgentHost, AgentIdentity, RunningAgent } from "../../agent-host.ts";

/** Why an agent stopped: by itself, or from outside (its container, pod or node ended). */
export type AgentEnd = "exited" | "killed";

/** Told when an agent starts (no end) and when it stops. */
export type AgentReport = (change: "started" | "stopped", end?: AgentEnd) => void;

/** Starts an agent that reports its start and its end, each once; `onExit` is called only when it ends by itself. */
export function startAgent(
  host: AgentHost,
  identity: AgentIdentity,
  report: AgentReport,
  onExit: (exitCode: number) => void,
): RunningAgent {
  let alive = true;
  const end = (why: AgentEnd): boolean => {
    if (!alive) return false;
    alive = false;
    report("stopped", why);
    return true;
  };
  report("started");
  const agent = host.start(identity, (exitCode) => {
    if (end("exited")) onExit(exitCode);
  });
  return {
    kill() {
      if (end("killed")) agent.kill();
    },
  };
}
