import type { Flavour } from "../../domain/remote-runner.ts";
import type { Scope } from "../../domain/scope.ts";
import { RunnerGone } from "../errors.ts";
import { type ApiRequest, isSuccess, Sendings } from "../http/client.ts";
import { isAboutScope } from "../http/failures.ts";
import type { RunnerName, StatusSent } from "../port.ts";
import type { Routes } from "./routes.ts";
import { askAboutRunner, type FlavouredClient, scopedRequest } from "./scoped-requests.ts";
import { type SettableStatus, StatusForm } from "./status-form.ts";

/** Disables or enables a runner, and says whether all its requests were answered. @throws {RunnerGone} when it is not there, and what {@link BitbucketClient.ask} throws. */
export type StatusChange = (
  scope: Scope,
  runner: RunnerName,
  change: { readonly status: SettableStatus; readonly notAfter: number },
  signal: AbortSignal,
) => Promise<StatusSent>;

/** Status changes on either flavour. Neither's success says that the runner has the status: only a read begun later does. */
export function statusChanges(dependencies: FlavouredClient & { readonly routes: Routes }): StatusChange {
  const { client, routes } = dependencies;
  const form = new StatusForm();

  return async (scope, runner, { status, notAfter }, signal) => {
    // Enabling finishes what was begun.
    const sendings = new Sendings();
    const purpose = status === "ENABLED" ? "urgent" : "routine";
    const requestFor = (flavour: Flavour): ApiRequest =>
      flavour === "internal"
        ? scopedRequest(scope, purpose, {
            method: "PUT",
            route: routes.runnerState(scope, runner.uuid),
            body: { status },
            notAfter,
            sendings,
          })
        : scopedRequest(scope, purpose, {
            method: "PUT",
            route: routes.runner("public", scope, runner.uuid),
            body: { name: runner.name, labels: runner.labels, ...form.of(status) },
            notAfter,
            sendings,
          });
    const ask = () => askAboutRunner(dependencies, scope, requestFor, signal);

    let { flavour, request, response } = await ask();
    for (let forms = 1; flavour === "public" && response.status === 400 && forms < StatusForm.count; forms += 1) {
      form.refused();
      ({ flavour, request, response } = await ask());
    }
    if (response.status === 404 && !isAboutScope(response)) throw new RunnerGone(runner.uuid);
    if (!isSuccess(response)) throw client.failure(request, response);
    if (flavour === "public") form.answered(status, response.text);
    return sendings.mayStillArrive ? "earlier-may-arrive" : "answered";
  };
}
