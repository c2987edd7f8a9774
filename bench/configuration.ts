import { readSettings } from "../src/config/load.ts";
import type { Settings } from "../src/domain/settings.ts";
import type { NodePool } from "../src/simulator/kubernetes/nodes/node-pools.ts";

/** The workspace of the example configuration. */
const WORKSPACE = "{6321d246-a40a-4776-8497-372a41771e65}";

/** Room for every runner of any measurement. */
export const ROOMY_NODES: NodePool = { name: "node", cpu: "128", memory: "512Gi", initial: 3 };

/** How many groups of one workspace, and how many runners each has at least and at most. */
export interface Size {
  readonly groups: number;
  readonly min: number;
  readonly max: number;
}

/** A configuration file (JSON is YAML) that differs from the example's in its groups only. */
export function configurationText({ groups, min, max }: Size): string {
  return JSON.stringify(
    {
      constants: {
        default_sleep_time_runner_setup: 10,
        default_sleep_time_runner_delete: 5,
        runner_api_polling_interval: 600,
        runner_cool_down_period: 300,
      },
      groups: Array.from({ length: groups }, (_, i) => ({
        name: `Runner group ${i + 1}`,
        workspace: WORKSPACE,
        labels: [`bench.${i + 1}`],
        namespace: "default",
        strategy: "percentageRunnersIdle",
        parameters: {
          min,
          max,
          scale_up_threshold: 0.5,
          scale_down_threshold: 0.2,
          scale_up_multiplier: 1.5,
          scale_down_multiplier: 0.5,
        },
        resources: { requests: { memory: "2Gi", cpu: "1000m" }, limits: { memory: "2Gi", cpu: "1000m" } },
      })),
    },
    undefined,
    2,
  );
}

/** The same, as the program reads it. */
export function settingsFor(size: Size): Settings {
  const { settings, diagnostics } = readSettings(configurationText(size), "runners_config.yaml");
  if (settings === undefined)
    throw new Error(`the configuration is wrong: ${diagnostics.map(({ message }) => message).join("; ")}`);
  return settings;
}
