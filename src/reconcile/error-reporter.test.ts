import { expect, test } from "vitest";
import type { Trouble } from "../domain/report.ts";
import { clockOf } from "../support/clock.ts";
import { RemediedError } from "../support/errors.ts";
import { silentLog } from "../support/log.ts";
import { troubleTeller } from "./error-reporter.ts";

test("an outage is logged once in five minutes and shown every time", () => {
  let now = 0;
  const logged: string[] = [];
  const shown: Trouble[] = [];
  const log = {
    ...silentLog,
    error: (message: string, fields?: object) => void logged.push(`${message} ${JSON.stringify(fields)}`),
  };
  const tell = troubleTeller(
    { clock: clockOf({ now: () => now, sleep: () => Promise.resolve() }), log },
    { trouble: (trouble) => void shown.push(trouble) },
  );
  const outage = (n: number) => new RemediedError(`nothing is sent before 08:0${n}`, "Wait.");

  tell("one", outage(1));
  tell("one", outage(2));
  tell("other", outage(2));
  tell("one", new Error("something else"));
  expect(logged).toHaveLength(3);
  now = 300_000;
  tell("one", outage(3));
  expect(logged).toHaveLength(4);
  expect(shown).toHaveLength(5);
  expect(shown[0]).toEqual({ where: "one", at: 0, message: "nothing is sent before 08:01", remedy: "Wait." });
});
