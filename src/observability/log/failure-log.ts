import type { Failure, Operation } from "../../domain/events.ts";
import { messageOf } from "../../support/errors.ts";
import type { Log } from "../../support/log.ts";

/** The same failure is not logged as an error again for so long, however often it comes. */
const SILENCE_MS = 300_000;

/** What failed, in words. */
const MESSAGES: Readonly<Record<Operation, string>> = {
  "identify-installation": "Identifying this installation failed",
  "read-configuration": "Reading the configuration failed",
  "resolve-scope": "Looking up a workspace or repository failed",
  "find-retired-scopes": "Looking for scopes that left the configuration failed",
  "read-namespace": "Reading a namespace failed; its groups are left alone",
  pass: "A pass over a workspace or repository failed",
  "tell-groups-apart": "Telling two groups apart failed",
  adopt: "Adopting a runner failed",
  "drain-step": "A step of draining a runner failed",
  undrain: "Returning a draining runner to service failed",
  drain: "Draining a runner failed",
  create: "Creating a runner failed",
  "clean-up-step": "Cleaning up a runner failed",
  "remove-secret": "Removing a Secret failed",
};

/**
 * Says what failed, with what it was about and its remedy: as an error once in five minutes, in between at debug level, since an outage
 * fails every pass.
 */
export function failureLog(log: Log, now: () => number): (failure: Failure) => void {
  const loggedAt = new Map<string, number>();
  return ({ operation, about, runner, error }) => {
    const at = now();
    for (const [key, earlier] of loggedAt) if (at - earlier >= SILENCE_MS) loggedAt.delete(key);
    // Stamps and counts in a message do not make it another one.
    const key = JSON.stringify([operation, about, messageOf(error).replace(/\d+/g, "#")]);
    const level = loggedAt.has(key) ? "debug" : "error";
    if (level === "error") loggedAt.set(key, at);
    log[level](MESSAGES[operation], {
      ...about,
      ...(runner !== undefined && { uuid: runner.uuid, name: runner.name }),
      error,
    });
  };
}
