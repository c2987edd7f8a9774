import { readFileSync } from "node:fs";
import { readSettings } from "../../src/config/load.ts";
import type { GroupSettings, Settings } from "../../src/domain/settings.ts";
import { parseTemplate } from "../../src/template/parse.ts";
import type { JobTemplate } from "../../src/template/port.ts";
import { shippedTemplate } from "./templates.ts";

const root = new URL("../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");

/** The seed's configuration, as the program reads it. */
export const SEED_SETTINGS: Settings = (() => {
  const { settings } = readSettings(read("src/config/fixtures/seed-runners-config.yaml"), "runners_config.yaml");
  if (settings === undefined) throw new Error("the seed's configuration is not good");
  return settings;
})();

/** The seed's configuration at the original's pace, a pass every ten minutes: for what takes half a day. */
export const UNHURRIED: Settings = {
  ...SEED_SETTINGS,
  constants: { ...SEED_SETTINGS.constants, pacing: "fixed" },
};

/** The shipped template's text. */
export const SHIPPED_TEMPLATE_TEXT: string = shippedTemplate();

/** The shipped template. */
export const SHIPPED_TEMPLATE: JobTemplate = parseTemplate(SHIPPED_TEMPLATE_TEXT, "job.yaml.template");

/** The seed's group, varied. Labels are the user's own. */
export function seedGroup({ labels, ...varied }: Partial<GroupSettings> = {}): GroupSettings {
  const [group] = SEED_SETTINGS.groups;
  if (group === undefined) throw new Error("the seed has a group");
  const all = labels === undefined ? group.labels : [...labels, "self.hosted", "linux", "autoscaler.created"];
  return { ...group, labels: all, ...varied };
}

/** The same configuration with other limits for its groups. */
export function withLimits(base: Settings, min: number, max: number): Settings {
  return { ...base, groups: base.groups.map((group) => ({ ...group, parameters: { ...group.parameters, min, max } })) };
}
