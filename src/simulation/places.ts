import { AUTOSCALER_LABEL } from "../domain/mark.ts";
import type { ScopeRef } from "../domain/scope.ts";
import type { GroupSettings, Settings } from "../domain/settings.ts";
import type { Repository, Workspace } from "../simulator/bitbucket/places.ts";
import type { BitbucketWorld } from "../simulator/bitbucket/world.ts";

/** A group of the configuration with the part of Bitbucket that was made for it. */
export interface GroupPlace {
  readonly group: GroupSettings;
  /** Of the workspace or repository that its runners are registered in. */
  readonly scopeUuid: string;
  /** Where pipelines run whose steps ask for its runners. */
  readonly repository: Repository;
  /** What such a step writes into `runs-on`. */
  readonly runsOn: readonly string[];
}

/** The example's workspace is known by both of its names, as in Bitbucket. */
const EXAMPLE_WORKSPACE = { uuid: "{6321d246-a40a-4776-8497-372a41771e65}", slug: "woodpeckernew" } as const;
const REPOSITORY_SLUG = "app";
/** What Bitbucket takes for granted when a step does not ask for another platform. */
const DEFAULT_PLATFORM = "linux";

/** Makes the workspaces and repositories that a configuration names, each once, and one for pipelines where it names none. */
export function makePlaces(world: BitbucketWorld, settings: Settings): readonly GroupPlace[] {
  return settings.groups.map((group) => {
    const workspace = workspaceOf(world, group.workspace);
    const repository = repositoryOf(world, workspace, group);
    return {
      group,
      scopeUuid: group.repository === undefined ? workspace.uuid : repository.uuid,
      repository,
      runsOn: group.labels.filter((label) => label !== AUTOSCALER_LABEL && label !== DEFAULT_PLATFORM),
    };
  });
}

function workspaceOf(world: BitbucketWorld, ref: string): Workspace {
  const known = world.places.workspace(ref);
  if (known !== undefined) return known;
  const isExample = ref === EXAMPLE_WORKSPACE.uuid || ref === EXAMPLE_WORKSPACE.slug;
  if (isExample) return world.addWorkspace(EXAMPLE_WORKSPACE);
  const count = world.places.workspaces.length + 1;
  return world.addWorkspace(isUuid(ref) ? { uuid: ref, slug: `workspace-${count}` } : { slug: ref });
}

function repositoryOf(world: BitbucketWorld, workspace: Workspace, { repository: ref }: ScopeRef): Repository {
  const known = world.places.repository(workspace, ref ?? REPOSITORY_SLUG);
  if (known !== undefined) return known;
  if (ref === undefined) return world.addRepository(workspace, { slug: REPOSITORY_SLUG });
  const count = world.places.repositories.length + 1;
  return world.addRepository(workspace, isUuid(ref) ? { uuid: ref, slug: `repository-${count}` } : { slug: ref });
}

function isUuid(ref: string): boolean {
  return ref.startsWith("{");
}
