import { expect, test } from "vitest";
import { quantitySize } from "./quantity.ts";

test.each<[string, number]>([
  ["1", 1],
  ["1000m", 1],
  ["300m", 0.3],
  [".5", 0.5],
  ["+2", 2],
  ["2.", 2],
  ["4Gi", 4 * 2 ** 30],
  ["4G", 4e9],
  ["1k", 1000],
  ["1E", 1e18],
  ["1E3", 1000],
  ["1e-3", 0.001],
  ["500u", 0.0005],
  ["0", 0],
])("%s is %d", (quantity, size) => {
  expect(quantitySize(quantity)).toBe(size);
});

test.each(["", "x", "8Gb", "1K", "1.2.3", "Gi"])("%j is no size", (text) => {
  expect(quantitySize(text)).toBeNaN();
});
