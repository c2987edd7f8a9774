import type { Command } from "commander";
import type { Io } from "../../src/cli/io.ts";
import { program } from "../../src/cli/program.ts";

/** The command line as it is when nobody has called it, and what it prints. */
export function commandLine(): { readonly root: Command; readonly helpOf: (command: Command) => string } {
  let printed = "";
  const io: Io = {
    env: {},
    out: (text) => {
      printed += text;
    },
    err: () => undefined,
    isTerminal: false,
    signal: new AbortController().signal,
    self: ["node", "runners-autoscaler.js"],
    exitCode: 0,
  };
  const root = program(io);
  return {
    root,
    helpOf(command) {
      printed = "";
      command.configureOutput({ getOutHelpWidth: () => 110, getOutHasColors: () => false });
      command.outputHelp();
      return printed;
    },
  };
}
