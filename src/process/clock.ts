import { readText } from "../http/transport.ts";
import { undiciSend } from "../http/undici.ts";
import { ANCHOR_PATH, ANCHOR_VARIABLE, type Anchor, anchoredClock, type Clock, systemClock } from "../support/clock.ts";
import { messageOf, RemediedError } from "../support/errors.ts";

const PROXY_VARIABLES = ["HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"];
const HANDSHAKE_TIMEOUT_MS = 5_000;

/** The world's time cannot be had; nothing was started. */
class WorldClockError extends RemediedError {
  override readonly name = "WorldClockError";

  constructor(message: string, options?: ErrorOptions) {
    super(message, `Unset ${ANCHOR_VARIABLE}: it is meant for the sandbox's own processes.`, options);
  }
}

/** The anchor that the environment names, if any. @throws {WorldClockError} when it is none. */
export function anchorFrom(env: Readonly<Record<string, string | undefined>>): Anchor | undefined {
  const text = env[ANCHOR_VARIABLE];
  if (text === undefined || text === "") return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new WorldClockError(`${ANCHOR_VARIABLE} is not JSON.`);
  }
  if (!isAnchor(value))
    throw new WorldClockError(`${ANCHOR_VARIABLE} needs epochMs, monotonicMs, and a speed from 1 to 60.`);
  return value;
}

/** The clock of an anchor's world, or the machine's own. */
export function clockOf(anchor: Anchor | undefined): Clock {
  return anchor === undefined ? systemClock() : anchoredClock(anchor);
}

/**
 * Lets a process run at another speed than real time only when both servers it is about to talk to say, directly and not through a
 * proxy, that they run by the same anchor: nothing real is ever driven by a fast clock.
 *
 * @throws {WorldClockError} when one of them does not.
 */
export async function confirmAnchor(
  anchor: Anchor,
  servers: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  if (anchor.speed === 1) return;
  const proxy = PROXY_VARIABLES.find((name) => env[name] !== undefined && env[name] !== "");
  if (proxy !== undefined)
    throw new WorldClockError(
      `A world at speed ${anchor.speed} is never reached through a proxy, and ${proxy} is set.`,
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
        .then(async (reply) => (reply.status === 200 ? await readText(reply) : `status ${reply.status}`), messageOf);
      if (!sameAnchor(theirs, anchor))
        throw new WorldClockError(
          `${url} does not confirm the anchor of a world at speed ${anchor.speed}: ${theirs.slice(0, 200)}`,
        );
    }
  } finally {
    await http.close();
  }
}

function sameAnchor(text: string, anchor: Anchor): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return (
      isAnchor(value) &&
      value.epochMs === anchor.epochMs &&
      value.monotonicMs === anchor.monotonicMs &&
      value.speed === anchor.speed
    );
  } catch {
    return false;
  }
}

function isAnchor(value: unknown): value is Anchor {
  if (typeof value !== "object" || value === null) return false;
  const { epochMs, monotonicMs, speed } = value as Record<string, unknown>;
  return (
    Number.isFinite(epochMs) && Number.isFinite(monotonicMs) && typeof speed === "number" && speed >= 1 && speed <= 60
  );
}
