import * as z from "zod";
import { SCOPE_CAPACITY } from "../domain/scope.ts";

/**
 * The configuration file. This schema is the only place that says which keys there are: types, defaults, ranges, the JSON Schema for
 * editors and the reference page all come from it. What concerns several keys at once is in checks/.
 *
 * Each value carries `expected`, the end of the sentence "expected …" that a wrong one is answered with.
 */

const WEEK_SECONDS = 7 * 24 * 3600;
/** Names and labels stand in every line of the log that is about them. Bitbucket's own limits are far lower. */
const LONGEST_NAME = 200;
const MOST_LABELS = 100;
const MOST_GROUPS = 1_000;
/** The control plane's own namespace; the original reserves it, so that runners cannot read the credentials there. */
export const RESERVED_NAMESPACE = "bitbucket-runner-control-plane";

const UUID = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}";
// Each of these can match a text in one way only, so that a long one that does not match is found out at once.
const SCOPE_NAME = new RegExp(`^(?:\\{${UUID}\\}|(?!${UUID}$)[_.-]*[A-Za-z0-9][A-Za-z0-9_.-]*)$`);
const ONE_LINE = /^[^\S\u0000-\u001f\u007f]*[^\s\u0000-\u001f\u007f][^\u0000-\u001f\u007f]*$/;
const RUNNER_LABEL = /^\.*[a-z0-9][a-z0-9.]*$/;
const NAMESPACE = new RegExp(`^(?!${RESERVED_NAMESPACE}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$`);
const QUANTITY = /^\+?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?$/;
const DNS_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const NODE_LABEL_KEY = new RegExp(
  `^(?=.{1,317}$)(?:${DNS_LABEL}(?:\\.${DNS_LABEL})*\\/)?[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$`,
);
const NODE_LABEL_VALUE = /^(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/;

const seconds = (least: number, whenAbsent: number, description: string) =>
  z
    .int()
    .min(least)
    .max(WEEK_SECONDS)
    .default(whenAbsent)
    .meta({ description, expected: `a whole number of seconds from ${least} to ${WEEK_SECONDS}` });

const quantity = (whenAbsent: string, description: string, examples: string) =>
  z
    .union([z.string().max(64).regex(QUANTITY), z.number().min(0)])
    .transform(String)
    .default(whenAbsent)
    .meta({ description, expected: `a Kubernetes quantity such as ${examples}` });

const share = (description: string) =>
  z.number().min(0).max(1).meta({ description, expected: "a share of runners from 0 to 1" });

const runnerCount = (description: string) =>
  z
    .int()
    .min(0)
    .max(SCOPE_CAPACITY)
    .meta({ description, expected: `a whole number from 0 to ${SCOPE_CAPACITY}` });

const scopeName = (what: string, description: string) =>
  z
    .string()
    .max(LONGEST_NAME)
    .regex(SCOPE_NAME)
    .meta({ description, expected: `${what} slug, or its UUID in braces and quotes ("{…}")` });

const constants = z
  .strictObject({
    default_sleep_time_runner_setup: seconds(
      0,
      5,
      "Seconds between creations (`pacing: fixed`). With `adaptive` pacing it is the first back-off after Bitbucket pushed back, and there is no wait otherwise.",
    ),
    default_sleep_time_runner_delete: seconds(0, 5, "The same between deletions."),
    runner_api_polling_interval: seconds(
      1,
      600,
      "Seconds between passes (`pacing: fixed`). With `adaptive` pacing it is the longest time between passes: while a group changes, one follows at least every 15 seconds.",
    ),
    runner_cool_down_period: seconds(0, 300, "A runner younger than this is not scaled down. Seconds."),
    pacing: z.enum(["adaptive", "fixed"]).default("adaptive").meta({
      description:
        "`adaptive` goes as fast as the request budget allows and reads the sleeps and the polling interval as limits; `fixed` keeps the original's timing.",
      expected: "adaptive or fixed",
    }),
    api_requests_per_hour: z.int().min(60).max(1_000_000).default(1000).meta({
      description:
        "Requests that Bitbucket grants the credential in a rolling hour. At most 80 % of them are used; every group shares them.",
      expected: "a whole number from 60 to 1000000",
    }),
  })
  .prefault({})
  .meta({ description: "Timing, for all groups. May be left out.", expected: "a map of numbers" });

const parameters = z
  .strictObject({
    min: runnerCount(
      "Runners that are kept when nothing runs. With 0 a group has nothing to grow from: queued steps are not read yet.",
    ),
    max: runnerCount("Runners that the group never exceeds. Bitbucket allows 100 in a workspace and in a repository."),
    scale_up_threshold: share("The group grows while a larger share of its runners than this is busy."),
    scale_down_threshold: share("The group shrinks while a smaller share of its runners than this is busy."),
    scale_up_multiplier: z.number().gt(1).meta({
      description: "A growing group goes to this many times its runners, rounded up.",
      expected: "a number above 1",
    }),
    scale_down_multiplier: z.number().gt(0).lt(1).meta({
      description: "A shrinking group goes to this part of its runners, rounded down.",
      expected: "a number between 0 and 1, both excluded",
    }),
  })
  .meta({
    description: "How the group grows and shrinks.",
    expected: "a map with min, max, two thresholds and two multipliers",
  });

const memoryAndCpu = (what: string) =>
  z
    .strictObject({
      memory: quantity("4Gi", `Memory that the runner's container ${what}.`, "4Gi or 512Mi"),
      cpu: quantity("1000m", `Processors that the runner's container ${what}.`, "1000m or 1.5"),
    })
    .prefault({})
    .meta({ description: `What the runner's container ${what}.`, expected: "a map with memory and cpu" });

const group = z
  .strictObject({
    name: z
      .string()
      .max(LONGEST_NAME)
      .regex(ONE_LINE)
      .meta({
        description: "The group's name; runners carry it in Bitbucket's list. Each group has its own.",
        expected: `one line of text, at most ${LONGEST_NAME} characters`,
      }),
    workspace: scopeName("a workspace", "The workspace that the runners serve: its slug, or its UUID in braces."),
    repository: scopeName(
      "a repository",
      "One repository of the workspace: makes repository runners instead of workspace runners.",
    ).optional(),
    labels: z
      .array(
        z
          .string()
          .max(LONGEST_NAME)
          .regex(RUNNER_LABEL)
          .meta({ expected: `lower-case letters, digits and dots, at most ${LONGEST_NAME} of them` }),
      )
      .min(1)
      .max(MOST_LABELS)
      .meta({
        description:
          "Labels by which a step's `runs-on` selects runners. `self.hosted`, the platform's label (`linux` or `linux.arm64`) and `autoscaler.created` are added. No two groups have the same set.",
        expected: `a list of 1 to ${MOST_LABELS} labels`,
      }),
    namespace: z
      .string()
      .regex(NAMESPACE)
      .meta({
        description: `The Kubernetes namespace that the runners' Jobs and Secrets live in; made when it is missing. \`${RESERVED_NAMESPACE}\` is reserved.`,
        expected: "a Kubernetes namespace: at most 63 lower-case letters, digits and hyphens",
      }),
    strategy: z.enum(["percentageRunnersIdle"]).meta({
      description: "How the number of runners is found.",
      expected: "percentageRunnersIdle",
    }),
    parameters,
    resources: z
      .strictObject({ requests: memoryAndCpu("asks for"), limits: memoryAndCpu("may use at most") })
      .prefault({})
      .meta({
        description: "Variables of the job template. Each of the four has its default.",
        expected: "a map with requests and limits",
      }),
    architecture: z.enum(["amd64", "arm64"]).default("amd64").meta({
      description: "The processors that the runner's image is for; decides the platform's label.",
      expected: "amd64 or arm64",
    }),
    node_selector: z
      .record(
        z.string().regex(NODE_LABEL_KEY),
        z
          .union([z.string().regex(NODE_LABEL_VALUE), z.number().min(0).max(Number.MAX_SAFE_INTEGER)])
          .transform(String)
          .meta({ expected: "a Kubernetes label's value: at most 63 letters, digits, hyphens, underscores and dots" }),
      )
      .default({})
      .meta({ description: "Labels that a node must have to run the group's pods.", expected: "a map of node labels" }),
  })
  .meta({ expected: "a map with name, workspace, labels, namespace, strategy and parameters" });

export const SettingsFile = z
  .strictObject({
    constants,
    groups: z
      .array(group)
      .min(1)
      .max(MOST_GROUPS)
      .meta({ description: "The groups of runners.", expected: `a list of 1 to ${MOST_GROUPS} groups` }),
  })
  .meta({
    title: "runners-autoscaler configuration",
    description: "Groups of self-hosted Bitbucket Pipelines runners on Kubernetes, and how they grow and shrink.",
    expected: "a map with constants and groups",
  });

/** The file's content after defaults, still with the file's own names and units. */
export type SettingsFile = z.output<typeof SettingsFile>;

/** The file's JSON Schema (draft 2020-12), for editors and other checkers: what concerns each value by itself. */
export function renderJsonSchema(): string {
  const schema = z.toJSONSchema(SettingsFile, {
    target: "draft-2020-12",
    io: "input",
    // Our own keyword, which no reader of the schema knows.
    override: ({ jsonSchema }) => delete jsonSchema["expected"],
  });
  return `${JSON.stringify(schema, null, 2)}\n`;
}
