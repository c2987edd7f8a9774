import { expect, test } from "vitest";
import { type LogLevel, logLevel, UnknownLogLevel } from "./log-level.ts";

test.each<[Record<string, string>, LogLevel]>([
  [{}, "info"],
  [{ LOG_LEVEL: "" }, "info"],
  [{ LOG_LEVEL: "warn" }, "warn"],
  [{ LOG_LEVEL: " WARNING " }, "warn"],
  [{ LOG_LEVEL: "Error" }, "error"],
  [{ DEBUG: "true" }, "debug"],
  [{ DEBUG: "True", LOG_LEVEL: "error" }, "debug"],
  [{ DEBUG: "false", LOG_LEVEL: "error" }, "error"],
])("%j is %s", (env, level) => {
  expect(logLevel(env)).toBe(level);
});

test("another word is refused with the words that there are", () => {
  expect(() => logLevel({ LOG_LEVEL: "loud" })).toThrow(UnknownLogLevel);
  expect(() => logLevel({ LOG_LEVEL: "loud" })).toThrow(
    expect.objectContaining({ remedy: "Set LOG_LEVEL to one of debug, info, warn, error, or unset it for info." }),
  );
});
