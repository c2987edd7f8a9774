import { createServer } from "node:net";
import { RemediedError } from "../../support/errors.ts";
import type { Random } from "../../support/random.ts";

/** One port for each server of a sandbox. */
export interface Ports {
  readonly bitbucket: number;
  readonly kubernetes: number;
  readonly controller: number;
  readonly cleaner: number;
}

/** A port that was asked for is not available. */
export class PortTaken extends RemediedError {
  override readonly name = "PortTaken";

  constructor(port: number) {
    super(
      `Port ${port} is not available: another process listens there, or it is not allowed.`,
      "Choose another one with --port; 0 picks free ones.",
    );
  }
}

const NEEDED = 4;
/** Below what systems give to outgoing connections, which come and go by the hundred here. */
const FREE_RANGE = [20_000, 32_000] as const;
const MOST_TRIES = 100;

/**
 * Four neighbouring ports from `first` on; 0 finds free ones.
 *
 * @throws {PortTaken} when one of them is not free.
 */
export async function choosePorts(first: number, random: Random): Promise<Ports> {
  if (first !== 0) {
    const taken = await firstTaken(first);
    if (taken !== undefined) throw new PortTaken(taken);
    return portsFrom(first);
  }
  const [from, to] = FREE_RANGE;
  let candidate = from;
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    candidate = from + Math.floor(random.next() * (to - from));
    if ((await firstTaken(candidate)) === undefined) return portsFrom(candidate);
  }
  throw new PortTaken(candidate);
}

function portsFrom(first: number): Ports {
  return { bitbucket: first, kubernetes: first + 1, controller: first + 2, cleaner: first + 3 };
}

async function firstTaken(first: number): Promise<number | undefined> {
  for (let port = first; port < first + NEEDED; port += 1) if (!(await isFree(port))) return port;
  return undefined;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    // The processes listen on every address of the machine, so that all of them have to be free.
    server.listen(port, "0.0.0.0", () => server.close(() => resolve(true)));
  });
}
