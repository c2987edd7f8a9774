import { type Command, Help, InvalidArgumentError, Option } from "commander";
import { shown } from "../support/shown.ts";
import type { Io } from "./io.ts";

const YES = /^(true|1|yes|on)$/i;
const NO = /^(false|0|no|off)$/i;

/**
 * An option that a variable of the environment can give, too. Commander's own `env` is not used: it takes any text of a switch's variable
 * for yes, `false` included, and an empty variable for a value.
 */
export class VariableOption extends Option {
  readonly variable: string;

  constructor(variable: string, flags: string, description: string) {
    super(flags, description);
    this.variable = variable;
  }
}

/** The option as help tells it, its variable included. */
export function optionDescription(option: Option): string {
  const text = new Help().optionDescription(option);
  return option instanceof VariableOption ? `${text} (env: ${option.variable})` : text;
}

/** Takes from the environment what the command's flags leave open. Ends the command when a variable's text is not a value of its option. */
export function takeVariables(command: Command, env: Io["env"]): void {
  for (const option of command.options) {
    const text = option instanceof VariableOption ? (env[option.variable] ?? "") : "";
    const name = option.attributeName();
    if (!(option instanceof VariableOption) || text === "" || command.getOptionValueSource(name) === "cli") continue;
    try {
      command.setOptionValueWithSource(name, valueOf(option, text), "env");
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error;
      const value = `option '${option.flags}' value '${shown(text)}' from env '${option.variable}'`;
      command.error(`error: ${value} is invalid. ${error.message}`, { exitCode: 2 });
    }
  }
}

/** @throws {InvalidArgumentError} */
function valueOf(option: Option, text: string): unknown {
  if (!option.isBoolean()) return option.parseArg === undefined ? text : option.parseArg<unknown>(text, undefined);
  if (YES.test(text)) return true;
  if (NO.test(text)) return false;
  throw new InvalidArgumentError("A switch is true or false.");
}
