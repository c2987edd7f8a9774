import { bracedUuid } from "../domain/mark.ts";
import type { Scope, ScopeRef } from "../domain/scope.ts";
import type { GroupSettings } from "../domain/settings.ts";
import { Secret } from "../support/secret.ts";
import type { JobTemplate, RenderedRunner, TemplateInput } from "./port.ts";

/** Stands for what only Bitbucket knows. */
export const EXAMPLE_RUNNER_UUID = "{00000000-0000-4000-8000-000000000000}";
const EXAMPLE_WORKSPACE_UUID = "11111111-1111-4111-8111-111111111111";
const EXAMPLE_REPOSITORY_UUID = "22222222-2222-4222-8222-222222222222";

/**
 * Renders a group's runner that does not exist: shows before any registration whether the template fits the group.
 *
 * @throws {TemplateError} as it would for a real runner
 */
export function renderExample(
  template: JobTemplate,
  group: GroupSettings,
  scope: Scope,
  marks: Pick<TemplateInput, "labels" | "annotations">,
): RenderedRunner {
  return template.render({
    group,
    scope,
    runnerUuid: EXAMPLE_RUNNER_UUID,
    oauthClientId: "example-client-id",
    oauthClientSecret: new Secret("example-client-secret"),
    ...marks,
  });
}

/** The scope that a group names, with example uuids for slugs. */
export function exampleScope({ workspace, repository }: ScopeRef): Scope {
  const named = (slugOrUuid: string, example: string) => ({
    slug: slugOrUuid,
    uuid: slugOrUuid.startsWith("{") ? slugOrUuid : bracedUuid(example),
  });
  return {
    workspace: named(workspace, EXAMPLE_WORKSPACE_UUID),
    ...(repository !== undefined && { repository: named(repository, EXAMPLE_REPOSITORY_UUID) }),
  };
}
