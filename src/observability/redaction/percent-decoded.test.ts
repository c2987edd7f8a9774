import { fc, test as property } from "@fast-check/vitest";
import { expect, test } from "vitest";
import { percentDecoded } from "./percent-decoded.ts";

test.each([
  ["a%2Fb", "a/b", [0, 1, 4, 5]],
  ["%2f%2F", "//", [0, 3, 6]],
  ["%C3%A9x", "éx", [0, 6, 7]],
  ["%F0%9F%99%82", "🙂", [0, 0, 12]],
  ["%FFa", "ÿa", [0, 3, 4]],
  ["%2525", "%25", [0, 3, 4, 5]],
])("%s", (text, decoded, origin) => {
  const result = percentDecoded(text);
  expect(result?.text).toBe(decoded);
  expect(Array.from(result?.origin ?? [])).toEqual(origin);
});

test.each(["", "plain", "100%", "%zz"])("%j has none", (text) => {
  expect(percentDecoded(text)).toBeUndefined();
});

property.prop([fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme", minLength: 1 })])(
  "what was encoded comes back, and its origin spans it",
  (before, text) => {
    const codes = [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
    const plain = before.replaceAll("%", "_");
    const result = percentDecoded(plain + codes);
    expect(result?.text).toBe(plain + text);
    expect(result?.origin[plain.length]).toBe(plain.length);
    expect(result?.origin[plain.length + text.length]).toBe(plain.length + codes.length);
  },
);
