import { abortable } from "./deadline.ts";

/** Runs `work` under a key, unless it runs already: then whoever asks waits for the same outcome. */
export type SharedCall<T> = (key: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>) => Promise<T>;

/**
 * Calls that many may wait for and that are made once at a time. One waiter's abort ends its own waiting only; the call itself is
 * aborted when nobody waits for it any more.
 */
export function sharedCalls<T>(): SharedCall<T> {
  const running = new Map<string, Call<T>>();

  const join = (key: string, work: (signal: AbortSignal) => Promise<T>): Call<T> => {
    const joined = running.get(key);
    if (joined !== undefined) return joined;
    const controller = new AbortController();
    const forget = () => {
      if (running.get(key) === call) running.delete(key);
    };
    const call: Call<T> = { outcome: work(controller.signal), waiting: 0, controller, forget };
    running.set(key, call);
    call.outcome.then(forget, forget);
    return call;
  };

  return async (key, signal, work) => {
    const call = join(key, work);
    call.waiting += 1;
    try {
      return await abortable(call.outcome, signal);
    } finally {
      call.waiting -= 1;
      if (call.waiting === 0) {
        call.forget();
        call.controller.abort(new Error("nobody waits for it any more"));
      }
    }
  };
}

interface Call<T> {
  readonly outcome: Promise<T>;
  readonly controller: AbortController;
  /** Whoever asks from now on starts a new call. */
  readonly forget: () => void;
  waiting: number;
}
