import { describe, expect, test } from "vitest";
import { aContainer, aJob, aPendingPod, aPod, aRemote, aRunner, type SampleSides } from "../../test/support/runners.ts";
import type { Flavour } from "../domain/remote-runner.ts";
import { Sightings } from "./sightings.ts";

const disabled: SampleSides = { remote: aRemote({ status: "DISABLED" }) };
const busy: SampleSides = { remote: aRemote({ status: "DISABLED", busy: "busy" }) };

/** What has lasted of a runner after it was seen like this at these moments. */
function seeing(...looks: readonly (readonly [at: number, sides: SampleSides | undefined, flavour?: Flavour])[]) {
  const sightings = new Sightings();
  let seen: ReturnType<Sightings["see"]> = [];
  for (const [at, sides, flavour = "internal"] of looks)
    seen = sightings.see(sides === undefined ? [] : [aRunner(sides)], { begunAt: at, endedAt: at, flavour });
  return seen[0]?.lasting;
}

describe("Sightings", () => {
  test("count from the first look that shows it, to the one at hand", () => {
    expect(seeing([10, disabled])).toMatchObject({ disabled: 0, disabledAndIdle: 0, registered: 0 });
    expect(seeing([10, disabled], [15, disabled], [30, disabled])).toMatchObject({ disabled: 20, registered: 20 });
  });

  test("count from the end of the read that shows it, to the beginning of the one at hand: slow reads prove nothing", () => {
    const sightings = new Sightings();
    const see = (begunAt: number, endedAt: number) =>
      sightings.see([aRunner(disabled)], { begunAt, endedAt, flavour: "internal" })[0]?.lasting.disabled;
    expect([see(0, 40), see(20, 60), see(50, 90)]).toEqual([0, 0, 10]);
  });

  test("start over when a look between does not show it", () => {
    expect(seeing([10, disabled], [20, {}], [30, disabled])).toMatchObject({ disabled: 0, registered: 20 });
    expect(seeing([10, disabled], [20, busy], [30, disabled])).toMatchObject({ disabled: 20, disabledAndIdle: 0 });
    expect(seeing([10, disabled], [20, undefined], [30, disabled])).toMatchObject({ disabled: 0, registered: 0 });
  });

  test("of silence start over when Bitbucket's stamp says that it was broken between two looks", () => {
    const silent = (stateUpdatedAt: number): SampleSides => ({
      remote: aRemote({ status: "OFFLINE", stateUpdatedAt }),
    });
    expect(seeing([10, silent(1)], [30, silent(1)])).toMatchObject({ offline: 20 });
    expect(seeing([10, silent(1)], [30, silent(2)], [35, silent(2)])).toMatchObject({ offline: 5 });
  });

  test("of one flavour prove nothing of the other", () => {
    expect(seeing([10, disabled], [30, disabled, "public"])).toMatchObject({ disabled: 0, registered: 20 });
    expect(seeing([10, disabled], [20, disabled, "public"], [30, disabled])).toMatchObject({ disabled: 0 });
  });

  test("of an agent that never connects begin with its start, well or not", () => {
    const remote = aRemote({ status: "UNREGISTERED", connected: false });
    const crashing = aPod({ containers: [aContainer({ state: "waiting" })] });
    expect(
      seeing([10, { remote, pods: [aPendingPod()] }], [20, { remote }], [30, { remote, pods: [crashing] }]),
    ).toMatchObject({
      unconnected: 10,
    });
  });

  test("remember that a registration was there", () => {
    expect(seeing([10, {}], [20, { remote: null }], [30, { remote: null }])).toMatchObject({
      everRegistered: 20,
      unregistered: 10,
      registered: 0,
    });
  });

  test("tell whom somebody enabled after it had been held, and not whom we did", () => {
    expect(seeing([10, disabled], [20, {}], [35, {}])).toMatchObject({ freed: 15 });
    const draining: SampleSides = { ...disabled, job: aJob({}, { state: "enabling", cause: "surplus", since: 0 }) };
    expect(seeing([10, draining], [20, {}], [35, {}])).toMatchObject({ freed: 0 });
  });
});
