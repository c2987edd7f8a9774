import type { Surroundings } from "../process/environment.ts";
import { messageOf, remedyOf, UsageErrors } from "../support/errors.ts";
import { shownLines } from "../support/shown.ts";

/** What a command may touch of its surroundings; `main.ts` gives the real ones, tests their own. */
export interface Io extends Surroundings {
  readonly err: (text: string) => void;
  /** `out` is a terminal: it shows colours and can be redrawn. */
  readonly isTerminal: boolean;
  /** The terminal's size now; absent when `out` is not a terminal. */
  readonly terminalSize?: () => { readonly columns: number; readonly rows: number };
  /** How this program was started: for commands that start it again as a child (`process.execPath`, flags and script). */
  readonly self: readonly [command: string, ...args: string[]];
  /** Set by the command that ran. */
  exitCode: ExitCode;
}

/** 0 done, 1 failed, 2 bad usage or configuration. */
type ExitCode = 0 | 1 | 2;

/** Says what went wrong, and the next step when it is known: never a stack trace, nor what a terminal would act upon. */
export function printError({ err }: Pick<Io, "err">, error: unknown): void {
  for (const one of error instanceof UsageErrors ? error.errors : [error]) {
    const remedy = remedyOf(one);
    err(shownLines(`error: ${messageOf(one)}\n${remedy === undefined ? "" : `  ${remedy}\n`}`));
  }
}
