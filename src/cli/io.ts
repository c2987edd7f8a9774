/** What a command may touch of its surroundings; `main.ts` gives the real ones, tests their own. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Colours and a moving picture are welcome on `out`. */
  readonly isTerminal: boolean;
  /** The terminal's size now; not there when `out` is none. */
  readonly terminalSize?: () => { readonly columns: number; readonly rows: number };
  /** Aborts on SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  /** How this program was started: for commands that start it again as a child (`process.execPath`, flags and script). */
  readonly self: readonly [command: string, ...args: string[]];
  /** Set by the command that ran. 0 done, 1 failed, 2 bad usage or configuration. */
  exitCode: ExitCode;
}

export type ExitCode = 0 | 1 | 2;
