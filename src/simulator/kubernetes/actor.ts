/** Who made a change. */
export type Actor =
  /** A client of the HTTP face, by its User-Agent. */
  | { readonly kind: "request"; readonly client: string }
  /** One of the cluster's own loops. */
  | { readonly kind: "controller"; readonly name: ControllerName }
  /** The script of a scenario: a human's or nature's hand. */
  | { readonly kind: "scenario" };

export type ControllerName =
  | "job-controller"
  | "scheduler"
  | "kubelet"
  | "garbage-collector"
  | "namespace-controller"
  | "node-controller"
  | "cluster-autoscaler";

/** The scenario's hand. */
export const scenario: Actor = { kind: "scenario" };

/** One of the cluster's own loops. */
export function controller(name: ControllerName): Extract<Actor, { readonly kind: "controller" }> {
  return { kind: "controller", name };
}
