import type { RemoteRunner, RunnerListing } from "../../domain/remote-runner.ts";
import { type Scope, scopeKey } from "../../domain/scope.ts";
import { UnexpectedResponse } from "../errors.ts";
import { type ApiRequest, requestName } from "../http/client.ts";
import { hasStep, RunnerResource, remoteRunner } from "./resources.ts";
import type { FlavouredResponse } from "./scoped-requests.ts";

/**
 * Reads the runners of responses. Remembers in which scopes the public API showed a step: from then on no step means idle there, before that
 * it means nothing. On the internal API it always means idle.
 */
export class RunnerReader {
  readonly #showedSteps = new Set<string>();

  /** An earlier process saw steps in the scope. */
  recallSteps(scope: Scope): void {
    this.#showedSteps.add(scopeKey(scope));
  }

  /** The runners that a response holds, with when they were read: by our monotonic clock (`begunAt`) and by the server's (its `Date`). */
  read(scope: Scope, { flavour, response }: FlavouredResponse, resources: readonly RunnerResource[]): RunnerListing {
    const key = scopeKey(scope);
    if (flavour === "public" && resources.some(hasStep)) this.#showedSteps.add(key);
    const showsSteps = flavour === "internal" || this.#showedSteps.has(key);
    const date = Date.parse(response.headers.date ?? "");
    const serverTime = Number.isNaN(date) ? undefined : date;
    const runners: readonly RemoteRunner[] = resources.map((resource) => remoteRunner(resource, { showsSteps }));
    return { flavour, showsSteps, begunAt: response.sentAt, serverTime, runners };
  }
}

/** @throws {UnexpectedResponse} naming the field that cannot be read, and nothing of its content. */
export function runnerResource(request: ApiRequest, value: unknown): RunnerResource {
  const parsed = RunnerResource.safeParse(value);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join(".") ?? "";
  throw new UnexpectedResponse(
    requestName(request),
    where === "" ? "no runner in it" : `a runner whose ${where} is not readable`,
  );
}
