import { type Command, InvalidArgumentError, type Option } from "commander";
import { isNamespaceName } from "../domain/namespace.ts";
import { VariableOption } from "./variable-option.ts";

/** The original's paths, which its ConfigMaps are mounted at. */
const DEFAULT_CONFIG_PATH = "/opt/conf/config/runners_config.yaml";
const DEFAULT_TEMPLATE_PATH = "/opt/conf/job_template/job.yaml.template";

/** `--config PATH`, shared by all commands that read the configuration. */
export function configOption(): Option {
  return new VariableOption("RUNNERS_AUTOSCALER_CONFIG", "--config <path>", "the configuration file").default(
    DEFAULT_CONFIG_PATH,
  );
}

/** `--template PATH`, shared by all commands that read the job template. */
export function templateOption(): Option {
  return new VariableOption("RUNNERS_AUTOSCALER_TEMPLATE", "--template <path>", "the job template").default(
    DEFAULT_TEMPLATE_PATH,
  );
}

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
      new VariableOption("RUNNERS_AUTOSCALER_LOG_FORMAT", "--log-format <format>", "the format of log lines")
        .choices(["text", "json"])
        .default("text"),
    )
    .addOption(
      new VariableOption(
        "RUNNERS_AUTOSCALER_CONTROL_NAMESPACE",
        "--control-namespace <name>",
        "the namespace that identifies this installation (default: the pod's own, else bitbucket-runner-control-plane)",
      ).argParser(namespaceName),
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

function namespaceName(text: string): string {
  if (!isNamespaceName(text))
    throw new InvalidArgumentError("A namespace is at most 63 lower-case letters, digits and hyphens.");
  return text;
}

function mark(text: string): string {
  if (!/^[a-z2-7]{8}$/.test(text)) throw new InvalidArgumentError("A mark is 8 characters of a-z and 2-7.");
  return text;
}
