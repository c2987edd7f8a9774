import type { BitbucketBehaviour } from "../behaviour.ts";
import type { ApiFlavour } from "../events.ts";
import { lastBeat, nextBeat, type Runner } from "../runners.ts";
import { nanosecondStamp } from "./replies.ts";

/** Released versions of the agent, as its state shows them. */
const AGENT_VERSION = "3.30.0";

/** The status that Bitbucket shows. */
export function shownStatus(runner: Runner, behaviour: BitbucketBehaviour, now: number): string {
  if (runner.disabled !== undefined && behaviour.disableShows === "status") return "DISABLED";
  if (runner.connection === "never") return "UNREGISTERED";
  if (runner.connection === "offline") return "OFFLINE";
  if (!runner.healthy) return "UNHEALTHY";
  const { enabledAt, beats } = runner;
  const awaitsBeat =
    behaviour.enableShows === "enabled-until-beat" &&
    enabledAt !== undefined &&
    beats !== undefined &&
    now < nextBeat(beats.from, behaviour.beatMs, enabledAt);
  return awaitsBeat ? "ENABLED" : "ONLINE";
}

/** The step that Bitbucket shows on a runner. */
export function shownStep(runner: Runner, behaviour: BitbucketBehaviour, now: number): string | undefined {
  const { step } = runner;
  return step !== undefined && now >= step.takenAt + behaviour.stepShownAfterMs ? step.uuid : undefined;
}

/** A runner as the API sends it, without its secret. */
export function runnerBody(
  runner: Runner,
  flavour: ApiFlavour,
  behaviour: BitbucketBehaviour,
  now: number,
): Record<string, unknown> {
  const step = flavour === "internal" || behaviour.publicShowsStep ? shownStep(runner, behaviour, now) : undefined;
  return {
    type: "pipeline_runner",
    uuid: runner.uuid,
    name: runner.name,
    labels: runner.labels,
    state: {
      type: "pipeline_runner_state",
      status: shownStatus(runner, behaviour, now),
      ...(runner.connection !== "never" && {
        version: { type: "pipeline_runner_version", version: AGENT_VERSION, current: AGENT_VERSION },
      }),
      ...(step !== undefined && { step: { type: "PIPELINE_STEP", uuid: step } }),
      updated_on: nanosecondStamp(stateUpdatedAt(runner, behaviour, now)),
      cordoned: runner.disabled !== undefined && behaviour.disableShows === "cordoned",
    },
    created_on: nanosecondStamp(runner.createdAt),
    updated_on: nanosecondStamp(runner.updatedAt),
    oauth_client: oauthClient(runner),
  };
}

/** A runner as the answer to its registration shows it: the only time that its secret is told. */
export function newRunnerBody(
  runner: Runner,
  flavour: ApiFlavour,
  behaviour: BitbucketBehaviour,
  now: number,
): Record<string, unknown> {
  return {
    ...runnerBody(runner, flavour, behaviour, now),
    oauth_client: { ...oauthClient(runner), secret: runner.oauthClientSecret.reveal() },
  };
}

function oauthClient(runner: Runner): Record<string, unknown> {
  return {
    type: "pipeline_runner_oauth_client",
    id: runner.oauthClientId,
    token_endpoint: "https://auth.atlassian.com/oauth/token",
    audience: "api.atlassian.com",
  };
}

function stateUpdatedAt(runner: Runner, behaviour: BitbucketBehaviour, now: number): number {
  const { beats, stateUpdatedAt: changedAt } = runner;
  if (!behaviour.beatsMoveUpdatedOn || beats === undefined) return changedAt;
  return Math.max(changedAt, lastBeat(beats.from, behaviour.beatMs, beats.until ?? now));
}
