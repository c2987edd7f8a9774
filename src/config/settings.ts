import type { GroupSettings, Settings } from "../domain/settings.ts";
import { fullLabels } from "./labels.ts";
import type { SettingsFile } from "./schema.ts";

type Group = SettingsFile["groups"][number];

/** The file's content in the program's own words and units. */
export function toSettings({ constants, groups }: SettingsFile): Settings {
  return {
    constants: {
      setupSleepMs: constants.default_sleep_time_runner_setup * 1000,
      deleteSleepMs: constants.default_sleep_time_runner_delete * 1000,
      pollingIntervalMs: constants.runner_api_polling_interval * 1000,
      coolDownMs: constants.runner_cool_down_period * 1000,
      pacing: constants.pacing,
      apiRequestsPerHour: constants.api_requests_per_hour,
    },
    groups: groups.map(groupSettings),
  };
}

function groupSettings(group: Group): GroupSettings {
  const { parameters, resources } = group;
  return {
    name: group.name,
    workspace: group.workspace,
    ...(group.repository !== undefined && { repository: group.repository }),
    labels: fullLabels(group.labels, group.architecture),
    namespace: group.namespace,
    strategy: group.strategy,
    parameters: {
      min: parameters.min,
      max: parameters.max,
      scaleUpThreshold: parameters.scale_up_threshold,
      scaleDownThreshold: parameters.scale_down_threshold,
      scaleUpMultiplier: parameters.scale_up_multiplier,
      scaleDownMultiplier: parameters.scale_down_multiplier,
    },
    resources: {
      requestsMemory: resources.requests.memory,
      requestsCpu: resources.requests.cpu,
      limitsMemory: resources.limits.memory,
      limitsCpu: resources.limits.cpu,
    },
    architecture: group.architecture,
    nodeSelector: group.node_selector,
  };
}
