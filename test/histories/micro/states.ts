import type { Settings } from "../../../src/domain/settings.ts";
import type { HttpRequest } from "../../../src/http/transport.ts";
import type { SimulatedInstallation } from "../../../src/simulation/installation.ts";
import type { BitbucketBehaviour } from "../../../src/simulator/bitbucket/behaviour.ts";
import { addOriginalRunner } from "../../support/original-runner.ts";
import { BY_HAND } from "./events.ts";
import { OTHERS, oneGroup, withNeighbour } from "./groups.ts";
import { HOUR, MINUTE, SECOND } from "./times.ts";

/** From which state of a group on a short history is played. */
export interface State {
  readonly settings: Settings;
  readonly behaviour?: Partial<BitbucketBehaviour>;
  /** Before any process runs. */
  readonly prepare?: (world: SimulatedInstallation) => void;
  /** The controller dies once the server has acted on its first such request. */
  readonly diesAfter?: (request: HttpRequest) => boolean;
  /** Lets time pass until the state is there; without it the state is there from the start. */
  readonly reach?: (world: SimulatedInstallation) => Promise<void>;
}

/** Until two runners are ONLINE, and past their cool-down. */
const SETTLED_MS = 95 * SECOND;
const settled = ({ clock }: SimulatedInstallation) => clock.advance(SETTLED_MS);

/** Lets a long time pass in which nothing is to be seen, at the original's pace, so that it costs little to play. */
const wait = async (world: SimulatedInstallation, ms: number) => {
  const { settings, clock } = world;
  world.settings = {
    ...settings,
    constants: { ...settings.constants, pacing: "fixed", pollingIntervalMs: 2 * MINUTE },
  };
  await clock.advance(ms - 3 * MINUTE);
  world.settings = settings;
  await clock.advance(3 * MINUTE);
};
const surplus = async (world: SimulatedInstallation) => {
  await settled(world);
  world.settings = { ...world.settings, groups: world.settings.groups.with(0, oneGroup(1, 4).groups[0] as never) };
};
const draining = async (world: SimulatedInstallation) => {
  await surplus(world);
  const { clock, bitbucket } = world;
  const isDraining = () => bitbucket.glance().some(({ disabled }) => disabled);
  for (let i = 0; !isDraining() && i < 90; i += 1) await clock.advance(SECOND);
};
const posts = (path: RegExp) => (request: HttpRequest) => request.method === "POST" && path.test(request.url);

export const STATES = {
  /** Its first runners are being made: two that do so at once make too many. */
  creating: { settings: oneGroup(3, 3) },
  /** Half of a runner is there: a registration alone. */
  "registration-alone": {
    settings: oneGroup(2, 4),
    diesAfter: posts(/\/runners$/),
    reach: ({ clock }) => clock.advance(8 * SECOND),
  },
  /** Half of a runner is there: no Secret. */
  "half-created": {
    settings: oneGroup(2, 4),
    diesAfter: posts(/\/jobs$/),
    reach: ({ clock }) => clock.advance(8 * SECOND),
  },
  growing: {
    settings: oneGroup(2, 4),
    reach: async (world) => {
      await settled(world);
      // The load falls again while one step still runs.
      world.queue(1, 8 * MINUTE);
      world.queue(3, 2 * MINUTE);
    },
  },
  surplus: { settings: oneGroup(2, 4), reach: surplus },
  draining: { settings: oneGroup(2, 4), reach: draining },
  /** What drains is nearly proven to be without a step. */
  proven: {
    settings: oneGroup(2, 4),
    reach: async (world) => {
      await draining(world);
      await world.clock.advance(42 * SECOND);
    },
  },
  /** The group has left the configuration. */
  leaving: {
    settings: oneGroup(2, 4),
    reach: async (world) => {
      await draining(world);
      world.settings = { ...world.settings, groups: [] };
    },
  },
  /** Bitbucket serves the public API alone, and has shown a step. */
  public: {
    settings: oneGroup(2, 4),
    behaviour: { internal: 404, publicShowsStep: true },
    reach: async (world) => {
      await settled(world);
      world.queue(2, 40 * SECOND);
      await world.clock.advance(70 * SECOND);
      await draining(world);
    },
  },
  "two-groups": {
    settings: withNeighbour(oneGroup(2, 4)),
    reach: async (world) => {
      await draining(world);
      world.queue(2, 2 * MINUTE, world.places[1]);
    },
  },
  /** Somebody else runs the program in the same cluster, for the same workspace. */
  "two-installations": {
    settings: oneGroup(2, 4),
    prepare: (world) => {
      for (const name of ["controller", "cleaner"] as const)
        world.start(name, { installation: "another1", settings: OTHERS });
    },
    reach: draining,
  },
  /** People's own runners: with our labels, one of them disabled, one that never connected. */
  foreign: {
    settings: oneGroup(2, 4),
    prepare: (world) => {
      const { bitbucket, places, settings } = world;
      const [workspace, labels] = [places[0]?.repository.workspace, settings.groups[0]?.labels ?? []];
      if (workspace === undefined) return;
      for (const name of [BY_HAND, `${BY_HAND}, held`]) {
        const runner = bitbucket.humanRegisters({ workspace }, { name, labels: [...labels, "by.hand"] });
        if (name.endsWith("held") && "uuid" in runner) bitbucket.humanDisables(runner.uuid);
      }
    },
    reach: draining,
  },
  /** A runner of the original is there, to be taken over. */
  adoptable: { settings: oneGroup(2, 4), prepare: (world) => void addOriginalRunner(world) },
  /** It has been taken over, and there is one too many. */
  adopted: { settings: oneGroup(2, 4), prepare: (world) => void addOriginalRunner(world), reach: draining },
  /** A runner's machine is gone for good, and nearly long enough to be sure. */
  dead: {
    settings: oneGroup(2, 4),
    reach: async (world) => {
      await settled(world);
      const node = world.cluster.list("pods").map(({ spec }) => (spec as { readonly nodeName?: string }).nodeName)[0];
      if (node !== undefined) {
        world.cluster.loseNode(node, "die");
        world.cluster.removeNode(node);
      }
      await wait(world, 14.5 * MINUTE);
    },
  },
  /** The first runners' agents reach Bitbucket never, and have nearly been waited for long enough. */
  "never-connected": {
    settings: oneGroup(2, 4),
    reach: async (world) => {
      const { bitbucket, clock } = world;
      const usual = bitbucket.behaviour.connectDelayMs;
      bitbucket.behaviour.connectDelayMs = [100 * HOUR, 100 * HOUR];
      await clock.advance(MINUTE);
      bitbucket.behaviour.connectDelayMs = usual;
      await wait(world, 29.5 * MINUTE);
    },
  },
} as const satisfies Readonly<Record<string, State>>;

export type StateName = keyof typeof STATES;
