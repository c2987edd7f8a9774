import { expect, test } from "vitest";
import { parseQuantity } from "./quantity.ts";

test.each([
  ["1", 1],
  ["1000m", 1],
  ["0.5", 0.5],
  ["2Gi", 2 * 2 ** 30],
  ["8G", 8e9],
  ["1e3", 1000],
  ["1E", 1e18],
  ["+5k", 5000],
  [3, 3],
  ["8Gb", undefined],
  ["2x", undefined],
  ["", undefined],
  [true, undefined],
])("the quantity %j is %s", (text, amount) => {
  expect(parseQuantity(text)).toBe(amount);
});
