import { readFile } from "node:fs/promises";
import { parse } from "yaml";

/** Put in by the build (scripts/build.mjs): the built program has no repository around it. */
declare const __JOB_TEMPLATE__: string | undefined;
declare const __EXAMPLE_CONFIG__: string | undefined;

/** The job template that kustomize/base ships. */
export async function shippedTemplate(): Promise<string> {
  if (typeof __JOB_TEMPLATE__ !== "undefined") return __JOB_TEMPLATE__;
  const manifest = parse(await fromRepository("kustomize/base/cm-job-template.yaml")) as {
    readonly data: Readonly<Record<string, string>>;
  };
  return manifest.data["job.yaml.template"] ?? "";
}

/** The configuration that the documentation installs: one group from 1 to 10 runners. */
export async function exampleConfig(): Promise<string> {
  if (typeof __EXAMPLE_CONFIG__ !== "undefined") return __EXAMPLE_CONFIG__;
  return fromRepository("src/config/fixtures/seed-runners-config.yaml");
}

function fromRepository(path: string): Promise<string> {
  return readFile(new URL(`../../${path}`, import.meta.url), "utf8");
}
