import type { Clock } from "../../support/clock.ts";
import { messageOf } from "../../support/errors.ts";
import type { Log } from "../../support/log.ts";
import type { ReadTextFile } from "../../support/read-file.ts";
import { shown } from "../../support/shown.ts";
import { KubernetesError } from "../errors.ts";

/** Kubelets and credential tools replace files some minutes before the old content expires. */
const KEPT_MS = 60_000;

/** Several paths, or a message that repeats one. */
const LONGEST_PATHS = 600;

/** A file whose content may be replaced while the program runs. */
export interface RotatingFile {
  /** Its content, at most a minute old. @throws {KubernetesError} when it was never readable. */
  read(): Promise<string>;
  /** Makes the next `read` look at the file. */
  forget(): void;
}

/** Reads a file again when what is known of it is older than a minute of the clock's time; keeps the last content while that fails. */
export function rotatingFile(path: string, readFile: ReadTextFile, clock: Clock, log: Log): RotatingFile {
  let known: string | undefined;
  let goodUntil = Number.NEGATIVE_INFINITY;
  return {
    async read() {
      if (known !== undefined && clock.monotonic() < goodUntil) return known;
      try {
        const text = (await readFile(path)).trim();
        if (text === "") throw new Error("the file is empty");
        known = text;
      } catch (cause) {
        if (known === undefined) throw unreadable(path, cause);
        log.warn("A credential file cannot be read again; its last content is used", { path, cause: messageOf(cause) });
      }
      goodUntil = clock.monotonic() + KEPT_MS;
      return known;
    },
    forget() {
      goodUntil = Number.NEGATIVE_INFINITY;
    },
  };
}

/** Reads a file that is needed to connect. @throws {KubernetesError} with the path. */
export async function readNeeded(path: string, readFile: ReadTextFile): Promise<string> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** What to throw when a file that is needed to connect cannot be read. */
export function unreadable(path: string, cause: unknown): KubernetesError {
  return new KubernetesError(
    `Cannot read ${shown(path, LONGEST_PATHS)}, which is needed to reach Kubernetes: ${shown(messageOf(cause), LONGEST_PATHS)}`,
    "Check that the file exists and that this program may read it; the kubeconfig (or the pod's service account) names it.",
    { cause },
  );
}
