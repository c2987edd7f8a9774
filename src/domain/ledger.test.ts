import { expect, test } from "vitest";
import { emptyLedger, readLedger, type ScopeLedger, writeLedger } from "./ledger.ts";

const SCOPE = { workspace: { uuid: "{w-1}", slug: "acme" } };
const FULL: ScopeLedger = {
  scope: SCOPE,
  namespaces: ["default", "runners"],
  showsSteps: true,
  runners: {
    "{1}": {},
    "{2}": { adopted: true },
    "{3}": { disable: { by: "me", serverTime: 17 } },
    "{4}": { disable: { by: "me" } },
  },
};

test.each([[emptyLedger(SCOPE)], [FULL]])("%j is read as it was written", (ledger) => {
  expect(readLedger(writeLedger(ledger))).toEqual(ledger);
});

test.each([
  undefined,
  "",
  "null",
  "{}",
  JSON.stringify({ ...FULL, scope: "acme" }),
  JSON.stringify({ ...FULL, namespaces: [1] }),
])("what is none is none: %s", (text) => {
  expect(readLedger(text)).toBeUndefined();
});

test("a disable that cannot be read still explains one, and only time takes it off", () => {
  const text = JSON.stringify({ ...FULL, runners: { "{1}": { disable: { by: 7 } }, "{2}": "?" } });
  expect(readLedger(text)?.runners).toEqual({ "{1}": { disable: { by: "several" } }, "{2}": {} });
});

test("no more runners are kept than any scope can have had", () => {
  const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`{${i}}`, {}]));
  const kept = readLedger(JSON.stringify({ ...FULL, runners: many }));
  expect(Object.keys(kept?.runners ?? {})).toHaveLength(500);
});
