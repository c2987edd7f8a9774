/** Labels that say what a runner runs on; every runner has exactly one of them. */
const PLATFORMS: ReadonlySet<string> = new Set(["linux", "linux.arm64", "linux.shell", "windows", "macos"]);
const SELF_HOSTED = "self.hosted";
const MOST_OWN_LABELS = 10;
const LONGEST_NAME = 50;

/** What is wrong with a runner's name, or undefined. */
export function nameProblem(name: unknown): string | undefined {
  if (typeof name !== "string" || name.trim() === "") return "name: a runner needs a name";
  if (name.length > LONGEST_NAME) return `name: at most ${LONGEST_NAME} characters`;
  return undefined;
}

/** What is wrong with a runner's labels, or undefined. */
export function labelsProblem(labels: unknown): string | undefined {
  if (!Array.isArray(labels) || !labels.every((label) => typeof label === "string")) return "labels: a list of texts";
  if (new Set(labels).size !== labels.length) return "labels: each one only once";
  const odd = labels.find((label) => !/^[a-z0-9.]+$/.test(label));
  if (odd !== undefined) return `labels: ${JSON.stringify(odd)} has other characters than a-z, 0-9 and dots`;
  if (!labels.includes(SELF_HOSTED)) return `labels: ${SELF_HOSTED} is missing`;
  if (labels.filter((label) => PLATFORMS.has(label)).length !== 1)
    return `labels: exactly one of ${[...PLATFORMS].join(", ")} is needed`;
  const own = labels.filter((label) => label !== SELF_HOSTED && !PLATFORMS.has(label));
  if (own.length > MOST_OWN_LABELS) return `labels: at most ${MOST_OWN_LABELS} besides ${SELF_HOSTED} and the platform`;
  return undefined;
}

/** The labels that a runner must have for a step: without a platform among its `runs-on`, Linux is meant. */
export function neededLabels(runsOn: readonly string[]): readonly string[] {
  return runsOn.some((label) => PLATFORMS.has(label)) ? runsOn : [...runsOn, "linux"];
}
