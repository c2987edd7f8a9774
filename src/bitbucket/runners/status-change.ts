import type { Flavour, RemoteRunner } from "../../domain/remote-runner.ts";
import type { Scope } from "../../domain/scope.ts";
import { RunnerGone } from "../errors.ts";
import type { Purpose } from "../http/budget.ts";
import { type Call, type Client, isSuccess } from "../http/client.ts";
import { isAboutScope } from "../http/failures.ts";
import type { Flavours } from "./flavour.ts";
import type { Routes } from "./routes.ts";
import { askOnFlavour, DOUBTS, scopedCall } from "./scoped-requests.ts";
import { type SettableStatus, StatusForm } from "./status-form.ts";

/** Disables or enables a runner. @throws {RunnerGone} when it is not there, and what {@link Client.ask} throws. */
export type StatusChange = (
  scope: Scope,
  runner: Pick<RemoteRunner, "uuid" | "name" | "labels">,
  status: SettableStatus,
  purpose: Purpose,
  signal: AbortSignal,
) => Promise<void>;

/** Status changes on either flavour. Neither's success says that the runner has the status: only a read begun later does. */
export function statusChanges(behind: {
  readonly client: Client;
  readonly flavours: Flavours;
  readonly routes: Routes;
}): StatusChange {
  const { client, flavours, routes } = behind;
  const form = new StatusForm();

  return async (scope, runner, status, purpose, signal) => {
    const put = (flavour: Flavour): Call =>
      flavour === "internal"
        ? scopedCall(scope, purpose, {
            method: "PUT",
            route: routes.runnerState(scope, runner.uuid),
            body: { status },
          })
        : scopedCall(scope, purpose, {
            method: "PUT",
            route: routes.runner("public", scope, runner.uuid),
            body: { name: runner.name, labels: runner.labels, ...form.of(status) },
          });
    const ask = async () =>
      askOnFlavour(behind, scope, await flavours.current(scope, signal), DOUBTS.runner, put, signal);

    let { flavour, call, reply } = await ask();
    for (let forms = 1; flavour === "public" && reply.status === 400 && forms < StatusForm.count; forms += 1) {
      form.refused();
      ({ flavour, call, reply } = await ask());
    }
    if (reply.status === 404 && !isAboutScope(reply)) throw new RunnerGone(runner.uuid);
    if (!isSuccess(reply)) throw client.failure(call, reply);
    if (flavour === "public") form.answered(status, reply.text);
  };
}
