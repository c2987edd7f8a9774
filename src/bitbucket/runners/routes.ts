import type { Flavour } from "../../domain/remote-runner.ts";
import type { Scope, ScopeRef } from "../../domain/scope.ts";
import type { Route } from "../http/client.ts";

/** The addresses of Bitbucket's API. */
export interface Routes {
  workspace(ref: ScopeRef): Route;
  repository(ref: ScopeRef & { readonly repository: string }): Route;
  runners(flavour: Flavour, scope: Scope, pageLength: number): Route;
  registration(flavour: Flavour, scope: Scope): Route;
  runner(flavour: Flavour, scope: Scope, uuid: string): Route;
  /** Only the internal flavour has it. */
  runnerState(scope: Scope, uuid: string): Route;
}

const PREFIX = { public: "/2.0", internal: "/internal" } as const;

/** The addresses below `apiUrl`. Scopes are addressed by uuid, which renames leave alone. */
export function routesBelow(apiUrl: string): Routes {
  const base = apiUrl.replace(/\/+$/, "");
  const route = (template: string, ...values: readonly string[]): Route => {
    const rest = [...values];
    return { template, url: base + template.replaceAll(/\{\w+\}/g, () => encodeURIComponent(rest.shift() ?? "")) };
  };
  const ofScope = (flavour: Flavour, scope: Scope, below: string, ...values: readonly string[]): Route =>
    scope.repository === undefined
      ? route(`${PREFIX[flavour]}/workspaces/{workspace}${below}`, scope.workspace.uuid, ...values)
      : route(
          `${PREFIX[flavour]}/repositories/{workspace}/{repository}${below}`,
          scope.workspace.uuid,
          scope.repository.uuid,
          ...values,
        );
  const registration = (flavour: Flavour, scope: Scope) => ofScope(flavour, scope, "/pipelines-config/runners");

  return {
    workspace: (ref) => route("/2.0/workspaces/{workspace}", ref.workspace),
    repository: (ref) => route("/2.0/repositories/{workspace}/{repository}", ref.workspace, ref.repository),
    registration,
    runners: (flavour, scope, pageLength) => {
      const { template, url } = registration(flavour, scope);
      return { template, url: `${url}?pagelen=${pageLength}` };
    },
    runner: (flavour, scope, uuid) => ofScope(flavour, scope, "/pipelines-config/runners/{runner}", uuid),
    runnerState: (scope, uuid) => ofScope("internal", scope, "/pipelines-config/runners/{runner}/state", uuid),
  };
}
