import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { Scope } from "../../src/domain/scope.ts";
import type { GroupSettings } from "../../src/domain/settings.ts";
import { Secret } from "../../src/support/secret.ts";
import type { TemplateInput } from "../../src/template/port.ts";
import { aGroup } from "./groups.ts";

/** The template that is shipped. */
export function shippedTemplate(): string {
  const file = readFileSync(new URL("../../kustomize/base/cm-job-template.yaml", import.meta.url), "utf8");
  const { data } = parse(file) as { data: Record<string, string> };
  return data["job.yaml.template"] ?? "";
}

export const RUNNER_UUID = "8fe2a5c1-6c2e-5b0a-9d3f-1f2e3d4c5b6a";
export const WORKSPACE_UUID = "0c4d7f2e-91ab-4c5d-8e6f-7a8b9c0d1e2f";
export const REPOSITORY_UUID = "deadbeef-1e10-4e5a-9b1c-000000000001";

const GROUP: Partial<GroupSettings> = {
  name: "Group 1",
  workspace: "team",
  resources: { requestsMemory: "2Gi", requestsCpu: "1000m", limitsMemory: "4Gi", limitsCpu: "2000m" },
};

/** A runner of a workspace's group. */
export function anInput(
  change: Omit<Partial<TemplateInput>, "group"> & { readonly group?: Partial<GroupSettings> } = {},
): TemplateInput {
  return {
    scope: workspaceScope(),
    runnerUuid: `{${RUNNER_UUID}}`,
    oauthClientId: "example-client-id",
    oauthClientSecret: new Secret("example-client-secret"),
    labels: { "runners-autoscaler/installation": "abcdefgh", runner_uuid: RUNNER_UUID },
    annotations: { "runners-autoscaler/name": "Group 1 [abcdefgh-aaaaaa]" },
    ...change,
    group: aGroup({ ...GROUP, ...change.group }),
  };
}

function workspaceScope(): Scope {
  return { workspace: { uuid: `{${WORKSPACE_UUID}}`, slug: "team" } };
}

export function repositoryScope(): Scope {
  return { ...workspaceScope(), repository: { uuid: `{${REPOSITORY_UUID}}`, slug: "web" } };
}
