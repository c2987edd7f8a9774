import type { HttpRequest } from "../../src/http/transport.ts";
import type { ChooseFault, Fault } from "../../src/simulator/faults.ts";

/** What a request says, decoded for people. */
interface Said {
  readonly method: HttpRequest["method"];
  /** Path and query, with braces and colons as such. */
  readonly path: string;
  /** "" when there is none. */
  readonly body: string;
}

/** Whether a request is the one that is waited for. */
export type Fits = (request: Said) => boolean;

/**
 * Something happens just before the first request that fits reaches its server: what somebody else does in between two of a process's
 * calls.
 *
 * @param happens may return a fault for that request, such as being slow.
 */
export function justBefore(fits: Fits, happens: (request: Said) => Fault | undefined | void): ChooseFault {
  let isOver = false;
  return ({ method, url, body = "" }) => {
    const request = { method, path: decodeURIComponent(url.replace(/^https?:\/\/[^/]+/, "")), body };
    if (isOver || !fits(request)) return undefined;
    isOver = true;
    return happens(request) ?? undefined;
  };
}

/** Every request that fits suffers the fault. */
export function whenever(fits: Fits, fault: Fault): ChooseFault {
  return ({ method, url, body = "" }) =>
    fits({ method, path: decodeURIComponent(url.replace(/^https?:\/\/[^/]+/, "")), body }) ? fault : undefined;
}

/** POST of a registration. */
export const registers: Fits = ({ method, path }) => method === "POST" && path.endsWith("/runners");

/** GET of one runner, not of a list. */
export const readsRunner: Fits = ({ method, path }) => method === "GET" && /\/runners\/\{/.test(path);

/** GET of one Job, not of a list. */
export const readsJob: Fits = ({ method, path }) => method === "GET" && /\/jobs\/runner-/.test(path);

/** GET of all runners of a scope. */
export const listsRunners: Fits = ({ method, path }) => method === "GET" && /\/runners\?/.test(path);

/** POST of an object of that resource. */
export const makes =
  (resource: "jobs" | "secrets" | "namespaces"): Fits =>
  ({ method, path }) =>
    method === "POST" && path.endsWith(`/${resource}`);

/** The patch of a Job's drain annotation to a text that holds all of `parts`. */
export const writesDrain =
  (...parts: readonly string[]): Fits =>
  ({ method, path, body }) =>
    method === "PATCH" && path.includes("/jobs/") && parts.every((part) => body.includes(part));
