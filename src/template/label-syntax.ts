const LABEL_VALUE = /^(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/;
const LABEL_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;
const LABEL_PREFIX = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;

/** Why Kubernetes refuses a label, in the words of its own rules; undefined when it takes it. */
export function labelFault(key: string, value: unknown): string | undefined {
  const [name = "", prefix] = key.split("/", 2).reverse();
  const keyFits =
    LABEL_NAME.test(name) && (prefix === undefined || LABEL_PREFIX.test(prefix)) && key.split("/").length < 3;
  if (!keyFits)
    return `"${key}" is not a label that Kubernetes accepts: [prefix/]name, the name at most 63 letters, digits, "-", "_", "."`;
  if (value === null || (typeof value === "string" && LABEL_VALUE.test(value))) return undefined;
  const shown = typeof value === "string" ? `"${value}"` : "a map or a list";
  return `the label "${key}" holds ${shown}; Kubernetes takes at most 63 letters, digits, "-", "_", ".", beginning and ending with a letter or digit`;
}
