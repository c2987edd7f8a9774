import { Command } from "commander";
import { stringify } from "yaml";
import { readConfigFile } from "../../config/file.ts";
import { usableSettings } from "../../config/load.ts";
import { nearestHint, nearestWord } from "../../diagnostics/nearest-word.ts";
import { groupKey, runnerMarks, runnerName } from "../../domain/mark.ts";
import type { GroupSettings, Settings } from "../../domain/settings.ts";
import { templateSource } from "../../process/template.ts";
import { UsageError } from "../../support/errors.ts";
import { readRegularFile } from "../../support/regular-file.ts";
import type { RenderedRunner } from "../../template/port.ts";
import { EXAMPLE_RUNNER_UUID, exampleScope, renderExample } from "../../template/render-example.ts";
import { readingTemplateOrConfigMap } from "../../template/template-file.ts";
import type { Io } from "../io.ts";
import { configOption, templateOption } from "../options.ts";

/** Stands for what the cluster tells: which installation this is, and the Job's uid. */
const EXAMPLE_INSTALLATION = "examples";
const EXAMPLE_ATTEMPT = "aaaaaa";
const EXAMPLE_JOB_UID = "33333333-3333-4333-8333-333333333333";

/** `render`: prints the Job and the Secret that would be made for a runner of one group. Needs neither Bitbucket nor a cluster. */
export function renderCommand(io: Io): Command {
  return new Command("render")
    .description("print the Job and the Secret that a runner of one group would get; secrets are masked")
    .requiredOption("--group <name>", "the group, by its name in the configuration file")
    .addOption(configOption())
    .addOption(templateOption())
    .addHelpText(
      "after",
      "\nThe template can also be given as the ConfigMap's manifest that holds it. UUIDs that Bitbucket or the\ncluster would assign are examples.\n\nExit codes: 0 rendered, 2 the configuration, the group or the template is wrong.",
    )
    .action(async (options: { group: string; config: string; template: string }) => {
      const group = findGroup(
        usableSettings(await readConfigFile(options.config, readRegularFile), options.config),
        options.group,
      );
      const template = await templateSource(options.template, readingTemplateOrConfigMap(readRegularFile))();
      const scope = exampleScope(group);
      const marks = runnerMarks({
        installation: EXAMPLE_INSTALLATION,
        scope,
        groupKey: groupKey(scope, group.labels),
        uuid: EXAMPLE_RUNNER_UUID,
        name: runnerName(group.name, EXAMPLE_INSTALLATION, EXAMPLE_ATTEMPT),
      });
      io.out(manifests(group, renderExample(template, group, scope, marks)));
    });
}

/** What was asked for cannot be found or read. */
class RenderRefused extends UsageError {
  override readonly name = "RenderRefused";
}

function findGroup({ groups }: Settings, name: string): GroupSettings {
  const group = groups.find((each) => each.name === name);
  if (group !== undefined) return group;
  const names = groups.map((each) => each.name);
  throw new RenderRefused(
    `there is no group "${name}"${nearestHint(nearestWord(name, names))}`,
    `The groups of the configuration file: ${names.map((each) => `"${each}"`).join(", ")}.`,
  );
}

function manifests(group: GroupSettings, runner: RenderedRunner): string {
  const secret = masked(runner.secretOwnedBy(EXAMPLE_JOB_UID));
  return [
    `# What a runner of the group ${JSON.stringify(group.name)} would get, in the order in which it is made.\n`,
    "# Examples: the runner's and the Job's uuid, the marks of the installation, uuids of a workspace or repository given by name.\n",
    ...[runner.job, secret].map((object) => `---\n${stringify(object, { version: "1.1", lineWidth: 0 })}`),
  ].join("");
}

/** A Secret's values must not be shown, and `[masked]` is not base64: what is printed here cannot be applied by accident. */
function masked(secret: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const maskedFields = ["data", "stringData"].flatMap((field) => {
    const values = secret[field];
    if (typeof values !== "object" || values === null) return [];
    return [[field, Object.fromEntries(Object.keys(values).map((key) => [key, "[masked]"]))] as const];
  });
  return { ...secret, ...Object.fromEntries(maskedFields) };
}
