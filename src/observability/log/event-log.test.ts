import { describe, expect, test } from "vitest";
import { aConfigurationRead, aFailure, aRunnerEvent, EVERY_EVENT, EVERY_STEP } from "../../../test/support/events.ts";
import { aGroupReport } from "../../../test/support/reports.ts";
import type { DecisionMade, ProcessEvent } from "../../domain/events.ts";
import { RemediedError } from "../../support/errors.ts";
import { createRedactor } from "../redaction/redaction.ts";
import { eventLog } from "./event-log.ts";
import { createLog } from "./logger.ts";

/** What the text log says of these events, a second after each other. */
function linesOf(events: readonly ProcessEvent[], level: "debug" | "info" = "debug"): readonly string[] {
  const lines: string[] = [];
  let now = 0;
  const write = (line: string) => void lines.push(line.trimEnd());
  const emit = eventLog(
    createLog({ format: "text", level, write, now: () => now, redactor: createRedactor() }),
    () => now,
  );
  for (const event of events) {
    emit(event);
    now += 1_000;
  }
  return lines;
}

describe("every event", () => {
  // Adapters tell requests themselves, with more facts; the facts of a pass are told one by one; a heartbeat is for the probes.
  const SILENT: readonly ProcessEvent["type"][] = ["request-ended", "group-pass-done", "loop-alive"];

  test.each(EVERY_EVENT.map((event) => [event.type === "runner-event" ? event.step.kind : event.type, event] as const))(
    "%s is one line, but for what is told elsewhere",
    (_name, event) => {
      const lines = linesOf([event]);
      const expected = SILENT.includes(event.type) ? 0 : event.type === "configuration-read" ? 2 : 1;
      expect(lines).toHaveLength(expected);
      for (const line of lines) expect(line).not.toMatch(/\n|undefined|\[object/);
    },
  );
});

describe("a creation reads as the original's", () => {
  test.each([
    ["registered", "INFO: Runner created on Bitbucket workspace: woodpeckernew [Runner group 1]"],
    [
      "set-up",
      "✔ Successfully setup runner UUID {6d1f6a3e-8c5b-4d0a-9b7f-0a1b2c3d4e5f} on workspace woodpeckernew [Runner group 1]",
    ],
  ] as const)("%s", (kind, line) => {
    expect(linesOf([aRunnerEvent({ kind })], "info")).toEqual([line]);
  });
});

describe("the dangerous acts", () => {
  const DANGEROUS = ["adopted", "drain-begun", "disabled", "undrained", "released", "condemned", "removed"];

  test.each(EVERY_STEP.filter(({ kind }) => DANGEROUS.includes(kind)).map((step) => [step.kind, step] as const))(
    "%s: one line at info with runner, group and proof",
    (_kind, step) => {
      const [line, ...more] = linesOf([aRunnerEvent(step)], "info");
      expect(more).toEqual([]);
      expect(line).toMatch(/^INFO: /);
      expect(line).toContain("uuid={6d1f6a3e-8c5b-4d0a-9b7f-0a1b2c3d4e5f}");
      expect(line).toContain('name="Runner group 1 [abcdefgh-xyz]"');
      expect(line).toContain("[Runner group 1]");
      expect(line).toMatch(/ proof="[^"]+"/);
    },
  );

  test("a removal says what it was proven by", () => {
    const proof = { kind: "drained", disabledMs: 36_400, busy: "idle" } as const;
    expect(linesOf([aRunnerEvent({ kind: "removed", cause: "surplus", proof })])[0]).toContain(
      'cause=surplus proof="disabled for 36 s, idle"',
    );
  });
});

describe("a decision", () => {
  const decided = (changes: Partial<DecisionMade> = {}): DecisionMade => ({
    type: "decision-made",
    scope: "woodpeckernew",
    group: "Runner group 1",
    decision: aGroupReport().decision,
    limits: [],
    isNews: true,
    planned: { create: 2, undrain: 0, drain: 1, adopt: 0 },
    dryRun: false,
    ...changes,
  });

  test("is told when it is news", () => {
    expect(linesOf([decided(), decided({ isNews: false })], "info")).toEqual([
      "INFO: Decided desired=1 reason=within-thresholds starting=0 idle=1 busy=0 total=1 unknown=0 draining=0 live=1 min=1 max=10 [Runner group 1]",
    ]);
  });

  test("of a dry run is told each time, with what it would do", () => {
    const lines = linesOf([decided({ isNews: false, dryRun: true, limits: ["budget", "max"] })], "info");
    expect(lines[0]).toContain('limits="budget,max" wouldCreate=2 wouldDrain=1 wouldReturn=0');
  });
});

describe("a failure", () => {
  const outage = (second: number): ProcessEvent => ({
    type: "failure",
    operation: "adopt",
    about: { scope: "woodpeckernew", group: "Runner group 1" },
    error: new RemediedError(`nothing is sent before 08:00:0${second}`, "Wait."),
  });

  test("names the operation, what it was about, and the next step", () => {
    expect(linesOf([outage(1)], "info")).toEqual([
      'ERROR: Adopting a runner failed scope=woodpeckernew error="nothing is sent before 08:00:01" remedy=Wait. [Runner group 1]',
    ]);
  });

  test.each([
    [{ scope: "woodpeckernew" }, "scope=woodpeckernew"],
    [{ component: "cluster" }, "component=cluster"],
  ] as const)("is told of %j as what it is", (about, field) => {
    expect(linesOf([aFailure(about)])[0]).toContain(field);
  });

  test("that goes on is an error once in five minutes, whatever counts its message holds", () => {
    const goingOn = Array.from({ length: 302 }, (_, second) => outage(second % 10));
    expect(linesOf(goingOn, "info")).toHaveLength(2);
    expect(linesOf(goingOn)).toHaveLength(302);
  });

  test("of another operation, or about something else, is another one", () => {
    const other: ProcessEvent = { ...outage(1), type: "failure", operation: "create" } as ProcessEvent;
    expect(linesOf([outage(1), other, aFailure({ scope: "a" }), aFailure({ scope: "b" })], "info")).toHaveLength(4);
  });
});

describe("the configuration", () => {
  test("is told when it changes, problem by problem", () => {
    const bad = aConfigurationRead("no", "neither");
    expect(linesOf([bad, { ...bad, changed: false } as ProcessEvent])).toEqual([
      "ERROR: Configuration is wrong at=runners_config.yaml:3:1 problem=no",
      "ERROR: Configuration is wrong at=runners_config.yaml:3:1 problem=neither",
      "ERROR: The last good configuration stays in force",
    ]);
  });

  test("that has never been good has nothing that stays in force", () => {
    expect(linesOf([{ ...aConfigurationRead("no"), inForce: false } as ProcessEvent])).toHaveLength(1);
  });
});

test("leaving a runner alone is told at info when somebody may have to do something", () => {
  const left = (why: "draining" | "offline-but-running"): ProcessEvent => ({
    type: "leftover-left",
    scope: "woodpeckernew",
    group: "Runner group 1",
    runner: { uuid: "{u}", name: undefined },
    why,
  });
  expect(linesOf([left("draining"), left("offline-but-running")], "info")).toEqual([
    "INFO: Left a runner alone scope=woodpeckernew uuid={u} why=offline-but-running [Runner group 1]",
  ]);
});
