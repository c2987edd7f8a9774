import type { Outcome } from "./history.ts";
import type { Story } from "./story.ts";

/** What is wrong with how a drawn story ended, for people: broken promises, leftovers, steps that never ended, too few or too many runners. */
export function wrongWith(outcome: Outcome, story: Story): readonly string[] {
  const { breaches, leftovers, leaked, limits, serving, registered, unreportedEnds, waitingJobs, unfinishedSteps } =
    outcome;
  const { min, max } = limits;
  // One whose pod went unreported may keep its place for the longest step. Agents whose registration a human deleted, and which run on, keep their place.
  const blocked = Math.max(0, min + waitingJobs - max);
  // Where the API does not tell busy from idle, runners above min are kept; one whose first pod went unreported is no victim either.
  const most =
    (story.behaviour.internal === "served" || story.behaviour.internal === undefined ? min : max) + unreportedEnds;
  const notServing = registered - serving - unreportedEnds;
  return [
    ...breaches.map(({ what }) => what),
    ...leftovers.registrations.map((name) => `registration ${name} has no Job`),
    ...leftovers.jobs.map((name) => `job ${name} has no registration`),
    ...leftovers.secrets.map((name) => `secret ${name} has no Job`),
    ...(waitingJobs < max && unfinishedSteps > 0 ? [`${unfinishedSteps} steps have not ended`] : []),
    ...leaked.map((what) => `logged: ${what}`),
    ...(notServing > 0 ? [`${notServing} runners do not serve`] : []),
    ...(serving < min - blocked - unreportedEnds ? [`${serving} serve, min is ${min}`] : []),
    ...(serving > most ? [`${serving} serve, ${most} would do`] : []),
  ];
}
