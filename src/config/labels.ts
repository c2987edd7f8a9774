import { AUTOSCALER_LABEL } from "../domain/mark.ts";

/** Bitbucket wants this one on every self-hosted runner. */
const SELF_HOSTED_LABEL = "self.hosted";

/** Of these Bitbucket wants exactly one on each runner. */
export const PLATFORM_LABELS: readonly string[] = ["linux", "linux.arm64", "linux.shell", "windows", "macos"];

/** The label of the platform that the runner's image is for. */
export function platformLabel(architecture: "amd64" | "arm64"): string {
  return architecture === "arm64" ? "linux.arm64" : "linux";
}

/** The labels that the program adds to the user's own. */
export function addedLabels(architecture: "amd64" | "arm64"): readonly string[] {
  return [SELF_HOSTED_LABEL, platformLabel(architecture), AUTOSCALER_LABEL];
}

/** The full set as registered: the user's first, no duplicates. */
export function fullLabels(own: readonly string[], architecture: "amd64" | "arm64"): readonly string[] {
  return [...new Set([...own, ...addedLabels(architecture)])];
}
