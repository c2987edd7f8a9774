import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { BitbucketError } from "../../bitbucket/errors.ts";
import { Secret } from "../../support/secret.ts";
import { createRedactor } from "../redaction/redaction.ts";
import { loggable } from "./loggable.ts";

const redactor = createRedactor();
redactor.remember("hunter2hunter2");
const plain = (value: unknown) => loggable(value, { redactor, stacks: "without" });

describe("loggable", () => {
  test.each([
    ["text", "a", "a"],
    ["a remembered secret", "x hunter2hunter2", "x [redacted]"],
    ["a Secret", new Secret("anything"), "[redacted]"],
    ["an endless number", Number.POSITIVE_INFINITY, "Infinity"],
    ["a big number", 12n, "12"],
    ["a date", new Date(0), "1970-01-01T00:00:00.000Z"],
    ["bytes", new Uint8Array(3), "[3 bytes]"],
    ["a set", new Set(["a", "b"]), ["a", "b"]],
    ["a map", new Map([["a", 1]]), { a: 1 }],
    ["a URL", new URL("http://u:p@host/"), "http://[redacted]@host/"],
    ["a function", () => 1, "[function]"],
    ["a field that is not there", { a: undefined, b: null }, { b: null }],
    ["a secret's name", { hunter2hunter2: 1 }, { "[redacted]": 1 }],
    [
      "a field whose name says secret",
      { clientSecret: "abc", token: ["x"] },
      { clientSecret: "[redacted]", token: "[redacted]" },
    ],
    ["a number whose name says secret", { access_token_expires_in: 7200 }, { access_token_expires_in: 7200 }],
    [
      "depth",
      { a: { b: { c: { d: { e: { f: { g: 1 } } } } } } },
      { a: { b: { c: { d: { e: { f: "[too deep]" } } } } } },
    ],
  ])("%s", (_what, value, expected) => {
    expect(plain(value)).toEqual(expected);
  });

  test("a long list is cut", () => {
    expect(plain(Array.from({ length: 103 }, (_, i) => i))).toHaveLength(101);
    expect(plain(Array.from({ length: 103 }, (_, i) => i))).toContain("[3 more]");
  });

  test("an object that holds itself, or that cannot be read, ends nothing", () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    expect(plain(circle)).toEqual({ self: "[circular]" });
    const trap = {
      get bad(): string {
        throw new Error("no");
      },
    };
    expect(plain({ trap })).toEqual({ trap: "[unreadable]" });
  });

  test("an error shows its message, its causes' and its next step, but no stack", () => {
    const cause = new Error("connect failed", { cause: new AggregateError([new Error("v4: hunter2hunter2")], "all") });
    expect(plain(new BitbucketError("No token: connect failed", "Check the network.", { cause }))).toEqual({
      type: "BitbucketError",
      message: "No token: connect failed: all (v4: [redacted])",
      remedy: "Check the network.",
    });
  });

  test("an error's other plain facts are shown, masked by name", () => {
    const error = Object.assign(new Error("refused"), { status: 403, request: { big: 1 }, client_secret: "abc" });
    expect(plain(error)).toEqual({ type: "Error", message: "refused", status: 403, client_secret: "[redacted]" });
  });

  test("a cause that is no error is shown without what its names say is secret", () => {
    const error = new Error("refused", { cause: { code: 7, client_secret: "abc" } });
    expect(plain(error)).toMatchObject({ message: "refused: { code: 7, client_secret: '[redacted]' }" });
  });

  test("the stack is there at debug, masked", () => {
    const shown = loggable(new Error("hunter2hunter2"), { redactor, stacks: "with" });
    expect(shown).toMatchObject({ stack: expect.stringMatching(/^Error: \[redacted\]\n\s+at /) as unknown });
  });

  property.prop([
    fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true }),
  ])("takes anything and gives JSON", (value) => {
    const text = JSON.stringify(plain(value));
    expect(JSON.stringify(JSON.parse(text))).toBe(text);
  });
});
