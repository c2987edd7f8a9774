/**
 * What runs inside a runner's container. The cluster world starts and kills it as a kubelet would; the Bitbucket world plays the agent
 * that connects, polls and runs steps.
 */
export interface AgentHost {
  /** The container's process starts. `onExit` is called once if it ends by itself. */
  start(identity: AgentIdentity, onExit: (exitCode: number) => void): RunningAgent;
}

/** The environment of the agent's container, Secret references resolved. */
export interface AgentIdentity {
  readonly accountUuid: string;
  readonly repositoryUuid?: string;
  readonly runnerUuid: string;
  readonly oauthClientId: string;
  readonly oauthClientSecret: string;
}

export interface RunningAgent {
  /** The container is stopped from outside: a step that runs on it dies with it. */
  kill(): void;
}
