import type { Random } from "../../../support/random.ts";
import type { Actor } from "../events.ts";
import { type RunnerScope, scopeUuidOf } from "../places.ts";
import type { Runner } from "../runners.ts";
import { pageReply } from "./paging.ts";
import { errorReply, jsonReply, NO_CONTENT, type Reply } from "./replies.ts";
import type { PlacedCall, Route } from "./route.ts";
import { newRunnerBody, runnerBody } from "./runner-view.ts";

const READ = { oauth: ["runner"], apiToken: ["read:runner:bitbucket"] };
const WRITE = { oauth: ["runner:write"], apiToken: ["read:runner:bitbucket", "write:runner:bitbucket"] };
const DELETE = { oauth: ["runner:write"], apiToken: ["write:runner:bitbucket"] };

/** The runner API of workspaces and of repositories, both flavours. */
export const RUNNER_ROUTES: readonly Route[] = ["workspaces/:workspace", "repositories/:workspace/:repository"].flatMap(
  (place): Route[] => {
    const runners = `${place}/pipelines-config/runners`;
    const common = { flavours: ["public", "internal"], placed: true, guards: "runners" } as const;
    return [
      { ...common, method: "GET", path: runners, needs: READ, handle: listRunners },
      { ...common, method: "POST", path: runners, needs: WRITE, handle: registerRunner },
      { ...common, method: "GET", path: `${runners}/:runner`, needs: READ, handle: readRunner },
      { ...common, method: "PUT", path: `${runners}/:runner`, needs: WRITE, handle: updateRunner },
      { ...common, method: "DELETE", path: `${runners}/:runner`, needs: DELETE, handle: deleteRunner },
      {
        ...common,
        flavours: ["internal"],
        method: "PUT",
        path: `${runners}/:runner/state`,
        needs: WRITE,
        handle: setState,
      },
    ];
  },
);

function listRunners(call: PlacedCall): Reply {
  const { world, flavour, url } = call;
  const { behaviour } = world;
  const now = world.clock.now() - call.lagMs;
  const listed = runnersSeenBy(call).filter(({ createdAt }) => now >= createdAt + behaviour.createdListedAfterMs);
  return pageReply(ordered(listed, behaviour.listOrder, world.random), url, behaviour, (runner) =>
    runnerBody(runner, flavour, behaviour, now),
  );
}

function registerRunner(call: PlacedCall): Reply {
  const { world, flavour } = call;
  const runner = world.runners.register(scopeOf(call), fieldsOf(call.body), actorOf(call));
  if ("problem" in runner) return errorReply(world.behaviour, runner.status, "Bad request", runner.problem);
  return jsonReply(world.behaviour.createdStatus, newRunnerBody(runner, flavour, world.behaviour, world.clock.now()));
}

function readRunner(call: PlacedCall): Reply {
  const { world, lagMs, parameters } = call;
  if (lagMs === 0) return withRunner(call, (runner) => shown(call, runner));
  const runner = runnersSeenBy(call).find(({ uuid }) => uuid === parameters.runner);
  if (runner === undefined) return errorReply(world.behaviour, 404, "Runner not found");
  return jsonReply(200, runnerBody(runner, call.flavour, world.behaviour, world.clock.now() - lagMs));
}

function updateRunner(call: PlacedCall): Reply {
  return withRunner(call, (runner) => {
    const { world, flavour } = call;
    const fields = fieldsOf(call.body);
    const refusal = world.runners.update(runner, fields, actorOf(call));
    if (refusal !== undefined) return errorReply(world.behaviour, refusal.status, "Bad request", refusal.problem);
    const wanted = flavour === "public" ? wantedByUpdate(fields, world.behaviour.publicDisable) : undefined;
    if (wanted !== undefined) world.runners[wanted](runner, actorOf(call));
    return shown(call, runner);
  });
}

function setState(call: PlacedCall): Reply {
  return withRunner(call, (runner) => {
    const wanted = wantedByStatus(fieldsOf(call.body).status);
    if (wanted === undefined) {
      return errorReply(call.world.behaviour, 400, "Bad request", "status: DISABLED or ENABLED is expected");
    }
    call.world.runners[wanted](runner, actorOf(call));
    return shown(call, runner);
  });
}

function deleteRunner(call: PlacedCall): Reply {
  return withRunner(call, (runner) => {
    call.world.runners.delete(runner, actorOf(call));
    return NO_CONTENT;
  });
}

/** The scope's runners, as a replica shows them that may be behind. */
function runnersSeenBy(call: PlacedCall): readonly Runner[] {
  const { world, lagMs } = call;
  const scope = scopeOf(call);
  if (lagMs === 0) return world.runners.of(scope);
  const uuid = scopeUuidOf(scope);
  return world.replica.all(world.clock.now() - lagMs).filter((runner) => scopeUuidOf(runner.scope) === uuid);
}

function withRunner(call: PlacedCall, act: (runner: Runner) => Reply): Reply {
  const { world, parameters } = call;
  const runner = world.runners.findIn(scopeOf(call), parameters.runner ?? "");
  return runner === undefined ? errorReply(world.behaviour, 404, "Runner not found") : act(runner);
}

function shown({ world, flavour }: PlacedCall, runner: Runner): Reply {
  return jsonReply(200, runnerBody(runner, flavour, world.behaviour, world.clock.now()));
}

/** What an update asks for besides names and labels, if it asks in the form that this Bitbucket heeds. */
function wantedByUpdate(
  fields: Readonly<Record<string, unknown>>,
  heeded: "state" | "disabled" | "enabled" | "ignored",
): "disable" | "enable" | undefined {
  switch (heeded) {
    case "state":
      return wantedByStatus(fieldsOf(fields.state).status);
    case "disabled":
      return typeof fields.disabled === "boolean" ? (fields.disabled ? "disable" : "enable") : undefined;
    case "enabled":
      return typeof fields.enabled === "boolean" ? (fields.enabled ? "enable" : "disable") : undefined;
    case "ignored":
      return undefined;
  }
}

function wantedByStatus(status: unknown): "disable" | "enable" | undefined {
  if (status === "DISABLED") return "disable";
  return status === "ENABLED" ? "enable" : undefined;
}

function ordered(
  runners: readonly Runner[],
  order: "oldest-first" | "newest-first" | "shuffled",
  random: Random,
): readonly Runner[] {
  switch (order) {
    case "oldest-first":
      return runners;
    case "newest-first":
      return runners.toReversed();
    case "shuffled":
      return runners
        .map((runner) => ({ runner, place: random.next() }))
        .sort((a, b) => a.place - b.place)
        .map(({ runner }) => runner);
  }
}

function scopeOf({ workspace, repository }: PlacedCall): RunnerScope {
  return repository === undefined ? { workspace } : { workspace, repository };
}

function actorOf({ caller, flavour }: PlacedCall): Actor {
  return { kind: "api", credential: caller.credential, flavour };
}

function fieldsOf(body: unknown): Readonly<Record<string, unknown>> {
  return typeof body === "object" && body !== null && !Array.isArray(body) ? (body as Record<string, unknown>) : {};
}
