import type { Repository, Workspace } from "../places.ts";
import { jsonReply, microsecondStamp } from "./replies.ts";
import type { Route } from "./route.ts";

/** Who am I, and where: `/user`, workspaces, repositories. */
export const PLACE_ROUTES: readonly Route[] = [
  {
    method: "GET",
    path: "user",
    flavours: ["public"],
    needs: { oauth: ["account"], apiToken: ["read:user:bitbucket"] },
    placed: false,
    handle: ({ caller }) =>
      jsonReply(200, { type: "user", display_name: caller.credential, nickname: caller.credential }),
  },
  {
    method: "GET",
    path: "workspaces/:workspace",
    flavours: ["public"],
    needs: { oauth: [], apiToken: ["read:workspace:bitbucket"] },
    placed: true,
    guards: "readers",
    handle: ({ workspace }) => jsonReply(200, workspaceBody(workspace)),
  },
  {
    method: "GET",
    path: "repositories/:workspace/:repository",
    flavours: ["public"],
    needs: { oauth: ["repository"], apiToken: ["read:repository:bitbucket"] },
    placed: true,
    guards: "readers",
    handle: ({ workspace, repository }) => jsonReply(200, repository && repositoryBody(repository, workspace)),
  },
];

function workspaceBody(workspace: Workspace): Record<string, unknown> {
  return {
    type: "workspace",
    uuid: workspace.uuid,
    slug: workspace.slug,
    name: workspace.name,
    is_private: true,
    created_on: microsecondStamp(workspace.createdAt),
  };
}

function repositoryBody(repository: Repository, workspace: Workspace): Record<string, unknown> {
  return {
    ...repositoryReference(repository),
    slug: repository.slug,
    is_private: true,
    workspace: { type: "workspace", uuid: workspace.uuid, slug: workspace.slug, name: workspace.name },
    created_on: microsecondStamp(repository.createdAt),
  };
}

/** A repository inside another resource. */
export function repositoryReference(repository: Repository): Record<string, unknown> {
  return {
    type: "repository",
    uuid: repository.uuid,
    name: repository.name,
    full_name: `${repository.workspace.slug}/${repository.slug}`,
  };
}
