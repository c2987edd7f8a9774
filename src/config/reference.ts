import type { Severity } from "../diagnostics/diagnostic.ts";
import { CODES } from "./codes.ts";
import { defaultOf, descriptionOf, expectedOf, fieldAt, fieldsOf, isOptional, type Schema } from "./field.ts";
import { SettingsFile } from "./schema.ts";

/** The reference page of the configuration file, made from the schema and the table of diagnostics. */
export function renderReference(): string {
  return `${[...introduction(), ...maps(SettingsFile, ""), ...READING, ...diagnostics()].join("\n\n")}\n`;
}

/** Every key once, and nothing that is warned of. A test loads it. */
export const EXAMPLE = `constants:
  default_sleep_time_runner_setup: 10
  default_sleep_time_runner_delete: 5
  runner_api_polling_interval: 600
  runner_cool_down_period: 300
  pacing: adaptive
  api_requests_per_hour: 1000

groups:
  - name: "Runner group 1"
    workspace: "{6321d246-a40a-4776-8497-372a41771e65}"
    repository: "my-repository"
    labels:
      - "gke.runner"
    namespace: "default"
    strategy: "percentageRunnersIdle"
    parameters:
      min: 1
      max: 10
      scale_up_threshold: 0.5
      scale_down_threshold: 0.2
      scale_up_multiplier: 1.5
      scale_down_multiplier: 0.5
    resources:
      requests:
        memory: "2Gi"
        cpu: "1000m"
      limits:
        memory: "2Gi"
        cpu: "1000m"
    architecture: amd64
    node_selector:
      kubernetes.io/arch: amd64
`;

function introduction(): string[] {
  return [
    "# The configuration file",
    "<!-- Made from src/config/schema.ts and src/config/codes.ts. Change those, then run the tests with UPDATE_REFERENCE=1. -->",
    "`runners_config.yaml` says which groups of runners there are and how they grow and shrink. Controller and cleaner read it again on every pass; a file that turns bad leaves the last good one in force. `runners-autoscaler validate --config runners_config.yaml` checks it, and `runners-autoscaler schema` prints its JSON Schema, which editors use when the file begins with `# yaml-language-server: $schema=runners_config.schema.json`.",
    "Every key:",
    `\`\`\`yaml\n${EXAMPLE}\`\`\``,
  ];
}

const READING = [
  "## How values are read",
  [
    "- The file is YAML 1.1, as the original reads it: `yes` and `on` are booleans, `010` is eight, `12:30` is 750. Quote what is meant as text.",
    "- A number in quotes counts as the number, a fraction is cut off where a whole number is meant, a number becomes text where text is meant. Where that changes what was written, a warning says so.",
    "- An optional key without a value counts as absent. Anchors, aliases and merges (`<<`) work.",
    "- Keys that do not exist, and keys that stand twice, are errors; the original ignores them.",
  ].join("\n"),
];

/** One table for each map, outermost first. */
function maps(schema: Schema, path: string): string[] {
  const fields = fieldsOf(schema);
  const title = path === "" ? "## Top level" : `## \`${path}\``;
  const header = ["| key | value | when absent | meaning |", "| --- | --- | --- | --- |"];
  const rows = fields.map(([key, field]) => row(key, field));
  const inner = fields.flatMap(([key, field]) => {
    const here = path === "" ? key : `${path}.${key}`;
    const item = fieldAt(field, [0]);
    return item !== undefined && fieldsOf(item).length > 0 ? maps(item, `${here}[]`) : maps(field, here);
  });
  return fields.length === 0 ? [] : [title, [...header, ...rows].join("\n"), ...inner];
}

function row(key: string, field: Schema): string {
  const cells = [`\`${key}\``, expectedOf(field) ?? "", whenAbsent(field), descriptionOf(field) ?? ""];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function whenAbsent(field: Schema): string {
  if (!isOptional(field)) return "required";
  const value = defaultOf(field);
  return typeof value === "string" || typeof value === "number" ? `\`${value}\`` : "";
}

function diagnostics(): string[] {
  return [
    "## What is checked",
    "Errors keep the file from being used; `validate` ends with exit code 2. The codes are those of `validate --format json`.",
    codes("error"),
    "Warnings point out what works, but probably not as intended.",
    codes("warning"),
  ];
}

function codes(wanted: Severity): string {
  const rows = Object.entries(CODES).filter(([, [severity]]) => severity === wanted);
  return [
    `| ${wanted} | meaning |`,
    "| --- | --- |",
    ...rows.map(([code, [, meaning]]) => `| \`${code}\` | ${meaning} |`),
  ].join("\n");
}
