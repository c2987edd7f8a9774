import { Command, CommanderError } from "commander";
import { VERSION } from "../process/version.ts";
import { UsageError } from "../support/errors.ts";
import { shownLines } from "../support/shown.ts";
import { cleanerCommand } from "./commands/cleaner.ts";
import { controllerCommand } from "./commands/controller.ts";
import { renderCommand } from "./commands/render.ts";
import { sandboxCommand } from "./commands/sandbox.ts";
import { schemaCommand } from "./commands/schema.ts";
import { validateCommand } from "./commands/validate.ts";
import { type Io, printError } from "./io.ts";
import { optionDescription, takeVariables } from "./variable-option.ts";

/** The whole command line. */
export function program(io: Io): Command {
  const root = new Command("runners-autoscaler")
    .description("Keeps the right number of self-hosted Bitbucket Pipelines runners on a Kubernetes cluster.")
    .version(VERSION, "--version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .showSuggestionAfterError()
    .hook("preAction", (_, command) => takeVariables(command, io.env));
  // It quotes what it was given.
  const writeErr = (text: string) => io.err(shownLines(text));
  const commands = [controllerCommand, cleanerCommand, validateCommand, renderCommand, schemaCommand, sandboxCommand];
  for (const command of commands.map((make) => make(io))) {
    root.addCommand(command.helpOption("-h, --help", "print this help"));
  }
  for (const command of [root, ...root.commands]) {
    command.exitOverride().configureOutput({ writeOut: io.out, writeErr }).configureHelp({ optionDescription });
  }
  return root;
}

/** Runs one command; whatever goes wrong ends in a message with the next step and an exit code, never in a stack trace. */
export async function run(io: Io, args: readonly string[]): Promise<void> {
  try {
    await program(io).parseAsync(args, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) {
      io.exitCode = error.exitCode === 0 ? 0 : 2;
      return;
    }
    printError(io, error);
    io.exitCode = error instanceof UsageError ? 2 : 1;
  }
}
