import type { Flavour } from "../../domain/remote-runner.ts";
import { type Scope, scopeKey } from "../../domain/scope.ts";
import type { Purpose } from "../http/budget.ts";
import type { Call, Client } from "../http/client.ts";
import { targetOf } from "../http/failures.ts";
import type { Reply } from "../http/send-once.ts";
import { type Flavours, isInternalRefusal } from "./flavour.ts";

/** A call to one scope's runners, made for the flavour that serves it. */
export type CallFor = (flavour: Flavour) => Call;

/** What was asked in the end, and what came of it. */
export interface Answered {
  readonly flavour: Flavour;
  readonly call: Call;
  readonly reply: Reply;
}

/** A listing's 403 and 404 are about the scope or the API, and only 410 is about the API where a single runner is asked for. */
export const DOUBTS = { listing: [403, 404, 410], runner: [410] } as const satisfies Record<string, readonly number[]>;

/** A call that draws on a scope's share of the budget. */
export function scopedCall(scope: Scope, purpose: Purpose, rest: Pick<Call, "method" | "route" | "body">): Call {
  return { ...rest, scope: scopeKey(scope), purpose, target: targetOf(scope) };
}

/**
 * Asks on the flavour that serves the scope. When the internal API's reply casts doubt on that (`doubts`), finds out anew which one does,
 * and asks there: only for calls that may be sent twice.
 */
export async function askOnFlavour(
  { client, flavours }: { readonly client: Client; readonly flavours: Flavours },
  scope: Scope,
  first: Flavour,
  doubts: readonly number[],
  callFor: CallFor,
  signal: AbortSignal,
): Promise<Answered> {
  const call = callFor(first);
  const reply = await client.ask(call, signal);
  if (first === "public" || !doubts.includes(reply.status) || !isInternalRefusal(reply)) {
    return { flavour: first, call, reply };
  }
  flavours.forget(scope);
  const flavour = await flavours.current(scope, signal);
  if (flavour === first) return { flavour, call, reply };
  const otherCall = callFor(flavour);
  return { flavour, call: otherCall, reply: await client.ask(otherCall, signal) };
}
