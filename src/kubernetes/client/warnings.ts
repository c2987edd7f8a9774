import type { Log } from "../../support/log.ts";
import { describeTarget, type Target } from "./kind.ts";

/** Distinct warnings that are remembered, so that a template's flaw is told once and not with each runner. */
const MOST_REMEMBERED = 200;

/**
 * Logs the warnings that the server gives with an object that it accepted, each once: unknown fields of a job template, for one, which it
 * drops (header `Warning: 299 - "text"`).
 */
export function warningLog(log: Log): (target: Target, headers: Readonly<Record<string, string>>) => void {
  const told = new Set<string>();
  return ({ verb, kind, namespace }, headers) => {
    for (const [, quoted] of (headers.warning ?? "").matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)) {
      const warning = (quoted ?? "").replaceAll(/\\(.)/g, "$1");
      const key = `${kind.resource} ${warning}`;
      if (told.has(key) || told.size >= MOST_REMEMBERED) continue;
      told.add(key);
      log.warn("Kubernetes accepted an object with a warning", {
        request: describeTarget({ verb, kind, namespace }),
        warning,
      });
    }
  };
}
