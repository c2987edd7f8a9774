import { CONTROL_NAMESPACE, installationOf } from "../../simulation/identity.ts";
import { type KubernetesEvent, KubernetesWorld } from "../../simulator/kubernetes/world.ts";
import { type Leftovers, leftovers } from "../../simulator/observer/leftovers.ts";
import { Observer } from "../../simulator/observer/observer.ts";
import type { Clock } from "../../support/clock.ts";
import { seededRandom } from "../../support/random.ts";
import type { SimulatedBitbucket } from "./bitbucket.ts";

/** The simulated cluster of a sandbox, and who watches it and Bitbucket from outside. */
export interface SimulatedCluster {
  readonly world: KubernetesWorld;
  readonly observer: Observer;
  /** What is on one side only, now. */
  leftovers(): Leftovers;
}

/** How the program names itself to an API server. */
const PROGRAM = "runners-autoscaler";

/** A cluster whose runners' containers are agents of the simulated Bitbucket. */
export function simulateCluster(
  { world: bitbucket, places }: SimulatedBitbucket,
  deps: { readonly clock: Clock; readonly seed: number },
): SimulatedCluster {
  const observer = new Observer({
    bitbucket,
    groups: places.map(({ group, scopeUuid }) => ({
      name: group.name,
      scopeUuid,
      labels: group.labels,
      max: [{ from: 0, value: group.parameters.max }],
    })),
  });
  const world = new KubernetesWorld({
    clock: deps.clock,
    random: seededRandom(deps.seed + 2),
    agents: bitbucket,
    namespaces: [CONTROL_NAMESPACE],
    onEvent: (event) => observer.seeCluster(withoutPeople(event)),
  });
  return {
    world,
    observer,
    leftovers: () => leftovers(bitbucket, world.list("jobs"), world.list("secrets"), installationOf(world)),
  };
}

/** What a person does with kubectl is not done by the program, and breaks none of its promises. */
function withoutPeople(event: KubernetesEvent): KubernetesEvent {
  const byPerson = event.type === "object" && event.by.kind === "request" && !event.by.client.startsWith(PROGRAM);
  return byPerson ? { ...event, by: { kind: "scenario" } } : event;
}
