import { type NamedUuid, type Scope, type ScopeRef, scopeRefKey } from "../../domain/scope.ts";
import type { Clock } from "../../support/clock.ts";
import { parseJson } from "../../support/json.ts";
import { singleFlight } from "../../support/single-flight.ts";
import { NotAdministrator, UnexpectedResponse, UnknownRepository, UnknownWorkspace } from "../errors.ts";
import { type ApiRequest, type BitbucketClient, isSuccess, requestName } from "../http/client.ts";
import type { ApiResponse } from "../http/send-once.ts";
import { RepositoryResource, WorkspaceResource } from "./resources.ts";
import type { Routes } from "./routes.ts";

/** A name that does not exist is looked up again after this long: it costs requests that the groups that work could use. */
const UNKNOWN_FOR_MS = 60_000;

/**
 * Looks up what workspace or repository a reference names. What was found is remembered; what was not, for a minute.
 *
 * @returns a function that throws {@link UnknownWorkspace}, {@link UnknownRepository}, or what {@link BitbucketClient.ask} throws.
 */
export function scopeResolver(client: BitbucketClient, routes: Routes, clock: Pick<Clock, "monotonic">) {
  const found = new Map<string, Scope>();
  const refused = new Map<string, { readonly error: Error; readonly until: number }>();
  const shared = singleFlight<Scope>();

  const resolve = async (ref: ScopeRef, signal: AbortSignal): Promise<Scope> => {
    const key = scopeRefKey(ref);
    try {
      const scope = await lookUp(client, routes, ref, signal);
      found.set(key, scope);
      refused.delete(key);
      return scope;
    } catch (error) {
      if (
        error instanceof UnknownWorkspace ||
        error instanceof UnknownRepository ||
        error instanceof NotAdministrator
      ) {
        refused.set(key, { error, until: clock.monotonic() + UNKNOWN_FOR_MS });
      }
      throw error;
    }
  };

  return async (ref: ScopeRef, signal: AbortSignal): Promise<Scope> => {
    const key = scopeRefKey(ref);
    const scope = found.get(key);
    if (scope !== undefined) return scope;
    const refusal = refused.get(key);
    if (refusal !== undefined && clock.monotonic() < refusal.until) throw refusal.error;
    return shared(key, signal, (inner) => resolve(ref, inner));
  };
}

async function lookUp(client: BitbucketClient, routes: Routes, ref: ScopeRef, signal: AbortSignal): Promise<Scope> {
  // A URL would take these for steps in its path.
  if (isNoSegment(ref.workspace)) throw new UnknownWorkspace(JSON.stringify(ref.workspace), "");
  if (ref.repository === undefined) return { workspace: await workspaceOf(client, routes, ref, signal) };
  if (isNoSegment(ref.repository)) throw new UnknownRepository(JSON.stringify(ref.repository), "");

  const request: ApiRequest = {
    method: "GET",
    route: routes.repository({ ...ref, repository: ref.repository }),
    scope: undefined,
    purpose: "routine",
    target: { kind: "repository", name: scopeRefKey(ref) },
  };
  const response = await client.ask(request, signal);
  if (response.status === 404) {
    // Says which of the two is unknown.
    await workspaceOf(client, routes, ref, signal);
  }
  if (!isSuccess(response)) throw client.failure(request, response);
  const parsed = RepositoryResource.safeParse(parseJson(response.text));
  if (!parsed.success) throw new UnexpectedResponse(requestName(request), "no repository in it");
  const { uuid, slug, full_name: fullName } = parsed.data;
  // A repository access token may not read the workspace itself, but the repository tells of it.
  const named = WorkspaceResource.safeParse(parsed.data.workspace);
  return {
    workspace: named.success ? named.data : await workspaceOf(client, routes, ref, signal),
    repository: { uuid, slug: slug ?? fullName?.split("/").at(-1) ?? ref.repository },
  };
}

async function workspaceOf(
  client: BitbucketClient,
  routes: Routes,
  ref: ScopeRef,
  signal: AbortSignal,
): Promise<NamedUuid> {
  const request: ApiRequest = {
    method: "GET",
    route: routes.workspace(ref),
    scope: undefined,
    purpose: "routine",
    target: { kind: "workspace", name: ref.workspace },
  };
  const response: ApiResponse = await client.ask(request, signal);
  if (!isSuccess(response)) throw client.failure(request, response);
  const parsed = WorkspaceResource.safeParse(parseJson(response.text));
  if (!parsed.success) throw new UnexpectedResponse(requestName(request), "no workspace in it");
  return parsed.data;
}

function isNoSegment(name: string): boolean {
  return name === "" || name === "." || name === "..";
}
