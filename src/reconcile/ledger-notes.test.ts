import { describe, expect, test } from "vitest";
import { aJob, aRemote, aRunner, NOW } from "../../test/support/runners.ts";
import { emptyLedger, type LedgerEntry, type ScopeLedger } from "../domain/ledger.ts";
import { LATE_MS } from "../domain/times.ts";
import { type Known, noted } from "./ledger-notes.ts";
import { ScopeMemory } from "./scope-memory.ts";

const SCOPE = { workspace: { uuid: "{w-1}", slug: "acme" } };
const EMPTY = emptyLedger(SCOPE);
const { uuid } = aRemote();
const having = (entry: LedgerEntry): ScopeLedger => ({ ...EMPTY, runners: { [uuid]: entry } });
const knowing = (changes: Partial<Known> = {}): Known => ({
  flavour: "internal",
  showsSteps: true,
  serverTime: NOW,
  runners: [],
  namespaces: [],
  memory: new ScopeMemory(),
  identity: "me",
  took: { begunAt: 0, endedAt: 0 },
  ...changes,
});

describe("the ledger", () => {
  test("is left as it is when there is no news", () => {
    const ledger = { ...having({}), namespaces: ["default"] };
    expect(noted(ledger, knowing({ runners: [aRunner()], namespaces: ["default"] }))).toBe(ledger);
  });

  test("gets what a reading shows: our runners, our namespaces, that the public API shows steps", () => {
    const foreign = aRunner({ remote: aRemote({ uuid: "{2}", name: "mine", labels: ["linux"] }), job: null });
    const known = knowing({ runners: [aRunner(), foreign], namespaces: ["default"], flavour: "public" });
    expect(noted(EMPTY, known)).toEqual({
      ...EMPTY,
      namespaces: ["default"],
      showsSteps: true,
      runners: { [uuid]: {} },
    });
    expect(noted(EMPTY, knowing()).showsSteps).toBe(false);
  });

  test("keeps a runner that one listing lacks, and lets go of one that is long gone", () => {
    const memory = new ScopeMemory();
    const at = (now: number) =>
      noted(having({ adopted: true }), knowing({ memory, took: { begunAt: now, endedAt: now } })).runners;
    expect(at(0)).toEqual({ [uuid]: { adopted: true } });
    expect(at(LATE_MS - 1)).toEqual({ [uuid]: { adopted: true } });
    expect(at(LATE_MS)).toEqual({});
  });
});

describe("a disable of ours explains", () => {
  const disable = { by: "me", serverTime: NOW - 60_000 };
  const after = (ledger: ScopeLedger, changes: Partial<Known>) =>
    noted(ledger, knowing(changes)).runners[uuid]?.disable;
  const enabled = aRunner({ lasting: { enabled: 1 } });

  test("nothing more once the runner is seen enabled, and Bitbucket has answered", () => {
    expect(after(having({ disable }), { runners: [enabled] })).toBeUndefined();
  });

  test.each<[string, ScopeLedger, Partial<Known>]>([
    ["while it is disabled", having({ disable }), { runners: [aRunner({ remote: aRemote({ status: "DISABLED" }) })] }],
    [
      "while it drains",
      having({ disable }),
      { runners: [aRunner({ job: aJob({}, { state: "draining", cause: "surplus", since: 0 }) })] },
    ],
    ["in the first look that shows it enabled", having({ disable }), { runners: [aRunner()] }],
    ["while another process's may arrive", having({ disable: { ...disable, by: "another" } }), { runners: [enabled] }],
    ["while several's may", having({ disable: { ...disable, by: "several" } }), { runners: [enabled] }],
  ])("%s", (_what, ledger, changes) => {
    expect(after(ledger, changes)).toBeDefined();
  });

  test("until it cannot arrive any more", () => {
    const memory = new ScopeMemory();
    memory.openDisables.add(uuid);
    const since = (ms: number) => having({ disable: { by: "me", serverTime: NOW - ms - 1_000 } });
    expect(after(since(LATE_MS - 1), { runners: [enabled], memory })).toBeDefined();
    expect(after(since(LATE_MS), { runners: [enabled], memory })).toBeUndefined();
    const watched = aRunner({ lasting: { enabled: LATE_MS } });
    expect(
      after(having({ disable: { by: "another" } }), { runners: [watched], serverTime: undefined }),
    ).toBeUndefined();
  });
});
