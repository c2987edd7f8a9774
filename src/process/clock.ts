import { readText } from "../http/transport.ts";
import { undiciSend } from "../http/undici.ts";
import { ANCHOR_PATH, ANCHOR_VARIABLE, type Anchor, anchoredClock, type Clock, systemClock } from "../support/clock.ts";
import { messageOf, RemediedError, UsageError } from "../support/errors.ts";
import { isObject, parseJson } from "../support/json.ts";

const PROXY_VARIABLES = ["HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"];
const HANDSHAKE_TIMEOUT_MS = 5_000;

const REMEDY = `Unset ${ANCHOR_VARIABLE}: it is meant for the sandbox's own processes.`;

/** The environment names no anchor that time can run by. */
class BadAnchor extends UsageError {
  override readonly name = "BadAnchor";
}

/** The servers do not run by the process's anchor; nothing was begun. */
class AnchorNotConfirmed extends RemediedError {
  override readonly name = "AnchorNotConfirmed";
}

/** The anchor that the environment names, if any. @throws {BadAnchor} when it is none. */
export function anchorFrom(env: Readonly<Record<string, string | undefined>>): Anchor | undefined {
  const text = env[ANCHOR_VARIABLE];
  if (text === undefined || text === "") return undefined;
  const value = parseJson(text);
  if (value === undefined) throw new BadAnchor(`${ANCHOR_VARIABLE} is not JSON.`, REMEDY);
  if (!isAnchor(value))
    throw new BadAnchor(`${ANCHOR_VARIABLE} needs epochMs, monotonicMs, and a speed from 1 to 60.`, REMEDY);
  return value;
}

/** A clock that runs by the anchor, or the machine's own. */
export function processClock(anchor: Anchor | undefined): Clock {
  return anchor === undefined ? systemClock() : anchoredClock(anchor);
}

/**
 * Lets a process run at another speed than real time only when both servers it is about to talk to say, directly and not through a
 * proxy, that they run by the same anchor: nothing real is ever driven by a fast clock.
 *
 * @throws {AnchorNotConfirmed} when one of them does not.
 */
export async function confirmAnchor(
  anchor: Anchor,
  servers: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  if (anchor.speed === 1) return;
  const proxy = PROXY_VARIABLES.find((name) => env[name] !== undefined && env[name] !== "");
  if (proxy !== undefined)
    throw new AnchorNotConfirmed(
      `Servers at speed ${anchor.speed} are never reached through a proxy, and ${proxy} is set.`,
      REMEDY,
    );
  const http = undiciSend({
    connectTimeoutMs: HANDSHAKE_TIMEOUT_MS,
    headersTimeoutMs: HANDSHAKE_TIMEOUT_MS,
    bodyTimeoutMs: HANDSHAKE_TIMEOUT_MS,
    connections: 1,
  });
  try {
    for (const server of servers) {
      const url = new URL(ANCHOR_PATH, server).href;
      const theirs = await http
        .send({ method: "GET", url, headers: {} })
        .then(
          async (response) => (response.status === 200 ? await readText(response) : `status ${response.status}`),
          messageOf,
        );
      if (!sameAnchor(theirs, anchor))
        throw new AnchorNotConfirmed(
          `${url} does not confirm the anchor at speed ${anchor.speed}: ${theirs.slice(0, 200)}`,
          REMEDY,
        );
    }
  } finally {
    await http.close();
  }
}

function sameAnchor(text: string, anchor: Anchor): boolean {
  const value = parseJson(text);
  return (
    isAnchor(value) &&
    value.epochMs === anchor.epochMs &&
    value.monotonicMs === anchor.monotonicMs &&
    value.speed === anchor.speed
  );
}

function isAnchor(value: unknown): value is Anchor {
  if (!isObject(value)) return false;
  const { epochMs, monotonicMs, speed } = value;
  return (
    Number.isFinite(epochMs) && Number.isFinite(monotonicMs) && typeof speed === "number" && speed >= 1 && speed <= 60
  );
}
