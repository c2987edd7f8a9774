import { expect, test } from "vitest";
import { nearestWord } from "./nearest-word.ts";

const KEYS = ["min", "max", "scale_up_threshold", "scale_down_threshold", "labels", "name", "namespace", "workspace"];

test.each<[word: string, nearest: string | undefined]>([
  ["lables", "labels"],
  ["label", "labels"],
  ["namespce", "namespace"],
  ["names", "name"],
  ["scaleUpThreshold", "scale_up_threshold"],
  ["scale-down-treshold", "scale_down_threshold"],
  ["MAX", "max"],
  ["mni", "min"],
  ["min", "min"],
  ["mix", "min"],
  ["retention", undefined],
  ["ab", undefined],
  ["", undefined],
])("%s → %s", (word, nearest) => {
  expect(nearestWord(word, KEYS)).toBe(nearest);
});
