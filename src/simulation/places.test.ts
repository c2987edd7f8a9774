import { expect, test } from "vitest";
import { readSettings } from "../config/load.ts";
import { exampleConfig } from "../sandbox/embedded.ts";
import { BitbucketWorld } from "../simulator/bitbucket/world.ts";
import { VirtualClock } from "../simulator/virtual-clock.ts";
import { seededRandom } from "../support/random.ts";
import { makePlaces } from "./places.ts";

const REPOSITORY = "{00000000-0000-4000-8000-000000000001}";

const CONFIG = `
groups:
  - &group
    name: whole
    workspace: acme
    labels: [big]
    namespace: runners
    strategy: percentageRunnersIdle
    parameters: {min: 1, max: 3, scale_up_threshold: 0.5, scale_down_threshold: 0.2, scale_up_multiplier: 1.5, scale_down_multiplier: 0.5}
  - {<<: *group, name: one, repository: shop, labels: [small]}
  - {<<: *group, name: arm, repository: "${REPOSITORY}", labels: [arm], architecture: arm64}
`;

function placesOf(config: string) {
  const world = new BitbucketWorld({ clock: new VirtualClock(0), random: seededRandom(1) });
  const { settings, diagnostics } = readSettings(config, "config.yaml");
  if (settings === undefined) throw new Error(JSON.stringify(diagnostics));
  return { world, places: makePlaces(world, settings) };
}

test("the example's workspace is known by its uuid and its slug", async () => {
  const { world, places } = placesOf(await exampleConfig());
  expect(world.places.workspaces.map(({ uuid, slug }) => [uuid, slug])).toEqual([
    ["{6321d246-a40a-4776-8497-372a41771e65}", "woodpeckernew"],
  ]);
  expect(places.map(({ scopeUuid, runsOn }) => [scopeUuid, runsOn])).toEqual([
    ["{6321d246-a40a-4776-8497-372a41771e65}", ["gke.runner", "self.hosted"]],
  ]);
});

test("a user's workspaces and repositories are made once each, by slug or uuid, with one for the workspace's pipelines", () => {
  const { world, places } = placesOf(CONFIG);
  const [workspace] = world.places.workspaces;
  expect(world.places.workspaces.map(({ slug }) => slug)).toEqual(["acme"]);
  expect(world.places.repositories.map(({ slug }) => slug)).toEqual(["app", "shop", "repository-3"]);
  expect(places.map(({ scopeUuid }) => scopeUuid)).toEqual([
    workspace?.uuid,
    world.places.repositories[1]?.uuid,
    REPOSITORY,
  ]);
  expect(places.map(({ runsOn }) => runsOn)).toEqual([
    ["big", "self.hosted"],
    ["small", "self.hosted"],
    ["arm", "self.hosted", "linux.arm64"],
  ]);
});
