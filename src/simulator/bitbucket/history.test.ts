import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { bitbucketWorld } from "../../../test/support/bitbucket-world.ts";
import type { RunningAgent } from "../agent-host.ts";
import type { BitbucketEvent } from "./events.ts";
import type { Runner } from "./runners.ts";

const SECOND = 1_000;

type Deed =
  | { readonly do: "start" | "kill" | "crash" | "cut off" | "reconnect"; readonly runner: number }
  | { readonly do: "disable" | "enable" | "delete"; readonly runner: number }
  | { readonly do: "queue"; readonly durationMs: number }
  | { readonly do: "wait"; readonly ms: number };

const RUNNERS = 3;

function anyDeed(): fc.Arbitrary<Deed> {
  const runner = fc.nat(RUNNERS - 1);
  return fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant("start" as const), runner }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("disable" as const, "enable" as const), runner }) },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constantFrom("kill" as const, "crash" as const, "cut off" as const, "reconnect" as const),
        runner,
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("delete" as const), runner }) },
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant("queue" as const),
        durationMs: fc.integer({ min: 1, max: 400 * SECOND }),
      }),
    },
    { weight: 8, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.nat(100 * SECOND) }) },
  );
}

/** Plays a history, and one hour more, in which whoever is still alive works on. */
async function play(deeds: readonly Deed[], disableReaches: "at-once" | "next-poll") {
  const { clock, world, workspace, repository, runner, agent } = bitbucketWorld({ disableReaches });
  const runners: readonly Runner[] = Array.from({ length: RUNNERS }, (_, i) => runner({ workspace }, `runner ${i}`));
  const processes = new Map<string, RunningAgent>();
  for (const deed of deeds) {
    const uuid = "runner" in deed ? (runners[deed.runner]?.uuid ?? "") : "";
    const target = runners.find((candidate) => candidate.uuid === uuid);
    switch (deed.do) {
      case "start":
        if (target !== undefined) processes.set(uuid, agent(target));
        break;
      case "kill":
        processes.get(uuid)?.kill();
        break;
      case "crash":
        world.agents.crash(uuid);
        break;
      case "cut off":
        world.agents.cutOff(uuid);
        break;
      case "reconnect":
        world.agents.reconnect(uuid);
        break;
      case "disable":
        world.humanDisables(uuid);
        break;
      case "enable":
        world.humanEnables(uuid);
        break;
      case "delete":
        world.humanDeletes(uuid);
        break;
      case "queue":
        world.pipelines.start(repository, { steps: [{ labels: [], durationMs: deed.durationMs }] });
        break;
      case "wait":
        await clock.advance(deed.ms);
    }
  }
  await clock.advance(3_600 * SECOND);
  return world;
}

function endedStep(event: BitbucketEvent): string | undefined {
  return event.type === "step-finished" || event.type === "step-killed" ? event.step : undefined;
}

describe("whatever happens to its runners", () => {
  const histories = {
    deeds: fc.array(anyDeed(), { maxLength: 40 }),
    reaches: fc.constantFrom("at-once" as const, "next-poll" as const),
  };

  test.prop(histories, { numRuns: 150 })(
    "a step starts once, ends once, and its end fits its start",
    async ({ deeds, reaches }) => {
      const world = await play(deeds, reaches);
      const open = new Map<string, string>();
      const seen = new Set<string>();
      for (const event of world.events) {
        if (event.type === "step-started") {
          expect(seen.has(event.step)).toBe(false);
          seen.add(event.step);
          open.set(event.step, event.runner);
        }
        const ended = endedStep(event);
        if (ended !== undefined) {
          expect(open.get(ended)).toBe("runner" in event ? event.runner : "");
          open.delete(ended);
        }
      }
      const running = world.glance().flatMap((runner) => runner.running);
      expect(new Set(open.keys())).toEqual(new Set(running));
      expect(running).toEqual([]); // The longest step is much shorter than the last hour.
    },
  );

  test.prop(histories, { numRuns: 150 })(
    "no step starts on a runner that is deleted, or disabled for longer than a beat",
    async ({ deeds, reaches }) => {
      const world = await play(deeds, reaches);
      const disabledAt = new Map<string, number>();
      const deleted = new Set<string>();
      const graceMs = reaches === "at-once" ? -1 : 30 * SECOND;
      for (const event of world.events) {
        if (event.type === "runner-disabled") disabledAt.set(event.runner, event.at);
        if (event.type === "runner-enabled") disabledAt.delete(event.runner);
        if (event.type === "runner-deleted") deleted.add(event.runner);
        if (event.type !== "step-started") continue;
        expect(deleted).not.toContain(event.runner);
        expect(event.at - (disabledAt.get(event.runner) ?? event.at)).toBeLessThanOrEqual(Math.max(graceMs, 0));
        if (reaches === "at-once") expect(disabledAt.has(event.runner)).toBe(false);
      }
    },
  );

  test.prop(histories, { numRuns: 150 })(
    "the log is gapless, and online and offline alternate",
    async ({ deeds, reaches }) => {
      const world = await play(deeds, reaches);
      expect(world.events.map(({ sequence }) => sequence)).toEqual(world.events.map((_, i) => i));
      const online = new Set<string>();
      for (const event of world.events) {
        if (event.type === "runner-online") {
          expect(online).not.toContain(event.runner);
          online.add(event.runner);
        }
        if (event.type === "runner-offline") expect(online.delete(event.runner)).toBe(true);
      }
      for (const { uuid, status, agents, disabled } of world.glance()) {
        if (disabled) continue;
        // After an hour of silence Bitbucket knows; cut-off agents are alive, but silent.
        if (agents === 0) expect(["OFFLINE", "UNREGISTERED"]).toContain(status);
        else expect(status).toBe(online.has(uuid) ? "ONLINE" : "OFFLINE");
      }
    },
  );
});
