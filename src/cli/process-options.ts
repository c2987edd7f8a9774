import { type Command, InvalidArgumentError } from "commander";
import { configOption, templateOption } from "./options.ts";
import { VariableOption } from "./variable-option.ts";

/** Adds the options that controller and cleaner share. */
export function withProcessOptions(command: Command): Command {
  return command
    .addOption(configOption())
    .addOption(templateOption())
    .addOption(
      new VariableOption(
        "RUNNERS_AUTOSCALER_ONCE",
        "--once",
        "do one pass, then exit: 0 when nothing failed, else 1",
      ).default(false),
    )
    .addOption(
      new VariableOption("RUNNERS_AUTOSCALER_DRY_RUN", "--dry-run", "decide and explain, change nothing").default(
        false,
      ),
    )
    .addOption(
      new VariableOption(
        "RUNNERS_AUTOSCALER_HTTP_PORT",
        "--http-port <port>",
        "where probes, metrics and the API listen; 0 picks a free port",
      )
        .default(8080)
        .argParser(port),
    )
    .addOption(
      new VariableOption("RUNNERS_AUTOSCALER_LOG_FORMAT", "--log-format <format>", "how log lines look")
        .choices(["text", "json"])
        .default("text"),
    )
    .addOption(
      new VariableOption(
        "RUNNERS_AUTOSCALER_CONTROL_NAMESPACE",
        "--control-namespace <name>",
        "the namespace that this installation is named by (default: the pod's own, else bitbucket-runner-control-plane)",
      ),
    )
    .addOption(
      new VariableOption(
        "RUNNERS_AUTOSCALER_INSTALLATION",
        "--installation <mark>",
        "the installation's mark, 8 characters of a-z and 2-7 (default: made from the cluster and the control namespace)",
      ).argParser(mark),
    );
}

function port(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535)
    throw new InvalidArgumentError("A port is a whole number from 0 to 65535.");
  return value;
}

function mark(text: string): string {
  if (!/^[a-z2-7]{8}$/.test(text)) throw new InvalidArgumentError("A mark is 8 characters of a-z and 2-7.");
  return text;
}
