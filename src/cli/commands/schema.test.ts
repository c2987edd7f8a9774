import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Io } from "../io.ts";
import { schemaCommand } from "./schema.ts";

test("schema prints the published file", async () => {
  let out = "";
  const io: Io = {
    env: {},
    out: (text) => (out += text),
    err: () => undefined,
    isTerminal: false,
    signal: new AbortController().signal,
    self: ["node"],
    exitCode: 1,
  };
  await schemaCommand(io).parseAsync([], { from: "user" });
  expect(out).toBe(readFileSync(new URL("../../../schemas/runners_config.schema.json", import.meta.url), "utf8"));
  expect(io.exitCode).toBe(0);
});
