import { abortable } from "./deadline.ts";

/** Runs `work` under a key, unless it runs already: then the caller waits for the same outcome. */
export type SingleFlight<T> = (
  key: string,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
) => Promise<T>;

/**
 * Work that many may wait for and that runs once at a time for each key. One waiter's abort ends its own waiting only; the work itself is
 * aborted when nobody waits for it any more.
 */
export function singleFlight<T>(): SingleFlight<T> {
  const running = new Map<string, Flight<T>>();

  const join = (key: string, work: (signal: AbortSignal) => Promise<T>): Flight<T> => {
    const joined = running.get(key);
    if (joined !== undefined) return joined;
    const controller = new AbortController();
    const forget = () => {
      if (running.get(key) === flight) running.delete(key);
    };
    const flight: Flight<T> = { outcome: work(controller.signal), waiting: 0, controller, forget };
    running.set(key, flight);
    flight.outcome.then(forget, forget);
    return flight;
  };

  return async (key, signal, work) => {
    const flight = join(key, work);
    flight.waiting += 1;
    try {
      return await abortable(flight.outcome, signal);
    } finally {
      flight.waiting -= 1;
      if (flight.waiting === 0) {
        flight.forget();
        flight.controller.abort(new Error("no caller waits for it any more"));
      }
    }
  };
}

interface Flight<T> {
  readonly outcome: Promise<T>;
  readonly controller: AbortController;
  /** Callers from now on start the work again. */
  readonly forget: () => void;
  waiting: number;
}
