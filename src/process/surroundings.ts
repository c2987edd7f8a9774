/** What a process of the program may touch of its surroundings. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: (text: string) => void;
  /** Aborts on SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  /** Set by the command that ran. 0 done, 1 failed, 2 bad usage or configuration. */
  exitCode: ExitCode;
}

export type ExitCode = 0 | 1 | 2;
