import type { RemoteRunner, RunnerListing } from "../../domain/remote-runner.ts";
import { type Scope, scopeKey } from "../../domain/scope.ts";
import { UnexpectedReply } from "../errors.ts";
import { type Call, requestName } from "../http/client.ts";
import { hasStep, RunnerResource, remoteRunner } from "./resources.ts";
import type { Answered } from "./scoped-requests.ts";

/**
 * Turns replies into readings. Remembers in which scopes the public API showed a step: from then on no step means idle there, before that
 * it means nothing. On the internal API it always means idle.
 */
export class Readings {
  readonly #showedSteps = new Set<string>();

  /** The runners of a reply, with when they were read: by our clock (`begunAt`) and by the server's (its `Date`, else ours). */
  of(scope: Scope, { flavour, reply }: Answered, resources: readonly RunnerResource[]): RunnerListing {
    const key = scopeKey(scope);
    if (flavour === "public" && resources.some(hasStep)) this.#showedSteps.add(key);
    const showsSteps = flavour === "internal" || this.#showedSteps.has(key);
    const date = Date.parse(reply.headers.date ?? "");
    const serverTime = Number.isNaN(date) ? reply.sentAt : date;
    const runners: readonly RemoteRunner[] = resources.map((resource) =>
      remoteRunner(resource, { showsSteps, serverTime }),
    );
    return { flavour, begunAt: reply.sentAt, serverTime, runners };
  }
}

/** @throws {UnexpectedReply} naming the field that cannot be read, and nothing of its content. */
export function runnerResource(call: Call, value: unknown): RunnerResource {
  const parsed = RunnerResource.safeParse(value);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join(".") ?? "";
  throw new UnexpectedReply(
    requestName(call),
    where === "" ? "no runner in it" : `a runner whose ${where} is not readable`,
  );
}
