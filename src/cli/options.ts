import type { Option } from "commander";
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
