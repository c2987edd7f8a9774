import { bareUuid } from "../domain/mark.ts";
import type { TemplateInput } from "./port.ts";

/** The variables that hold text, with what they stand for: the guide's table is checked against it. */
export const TEXT_VARIABLES = {
  runner_uuid: "the runner's uuid, without braces",
  account_uuid: "the workspace's uuid, without braces",
  repository_uuid: "the repository's uuid, without braces; undefined for a group of a workspace",
  runner_namespace: "the group's namespace",
  oauth_client_id_base64: "the runner's OAuth client id, base64-encoded",
  oauth_client_secret_base64: "the runner's OAuth client secret, base64-encoded",
  requests_memory: "the group's resources.requests.memory",
  requests_cpu: "the group's resources.requests.cpu",
  limits_memory: "the group's resources.limits.memory",
  limits_cpu: "the group's resources.limits.cpu",
} as const;

/** The one variable that is a map. */
export const NODE_SELECTOR = "node_selector";

/** What a template can read. Nothing else of the process is within its reach. */
export type Variables = { readonly [name in keyof typeof TEXT_VARIABLES]: string | undefined } & {
  readonly node_selector: Readonly<Record<string, string>>;
};

/** The variables' values for one runner. Holds its OAuth secret. */
export function variablesOf({ group, scope, runnerUuid, oauthClientId, oauthClientSecret }: TemplateInput): Variables {
  return {
    runner_uuid: bareUuid(runnerUuid),
    account_uuid: bareUuid(scope.workspace.uuid),
    repository_uuid: scope.repository === undefined ? undefined : bareUuid(scope.repository.uuid),
    runner_namespace: group.namespace,
    oauth_client_id_base64: base64(oauthClientId),
    oauth_client_secret_base64: base64(oauthClientSecret.reveal()),
    requests_memory: group.resources.requestsMemory,
    requests_cpu: group.resources.requestsCpu,
    limits_memory: group.resources.limitsMemory,
    limits_cpu: group.resources.limitsCpu,
    node_selector: group.nodeSelector,
  };
}

/** Kubernetes' and Python's base64: the standard alphabet, padded. */
export function base64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}
