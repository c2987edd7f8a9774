import { isObject, parseJson } from "../support/json.ts";
import { readScope } from "./mark.ts";
import type { Scope } from "./scope.ts";

/**
 * What an installation has to remember about a scope although every process may die: written where only the control plane writes, so
 * that no tenant of the cluster can make up a runner, a namespace or a scope.
 */
export interface ScopeLedger {
  readonly scope: Scope;
  /** Where Jobs of ours may be: a namespace is written down before the first Job is made in it. */
  readonly namespaces: readonly string[];
  /** The public API showed a step in this scope: one without is idle there, too. */
  readonly showsSteps: boolean;
  /** The registrations that are ours, by uuid with braces. */
  readonly runners: Readonly<Record<string, LedgerEntry>>;
}

export interface LedgerEntry {
  /** The original's: its name carries no mark of ours. */
  readonly adopted?: true;
  /** A disable of ours that may have reached Bitbucket, or may still: it explains a runner that nobody else disabled. */
  readonly disable?: OwnDisable;
}

export interface OwnDisable {
  /** The process that sent it; "several" when more than one did. */
  readonly by: string;
  /** Bitbucket's clock at the look before it was sent; absent when that told no time. */
  readonly serverTime?: number;
}

/** More are never kept: a scope holds 100 runners. */
const MOST_RUNNERS = 500;

export function emptyLedger(scope: Scope): ScopeLedger {
  return { scope, namespaces: [], showsSteps: false, runners: {} };
}

/** The ledger's text. */
export function writeLedger(ledger: ScopeLedger): string {
  return JSON.stringify(ledger);
}

/** Reads {@link writeLedger}; undefined for text that is not one. */
export function readLedger(text: string | undefined): ScopeLedger | undefined {
  const value = text === undefined ? undefined : parseJson(text);
  if (!isObject(value)) return undefined;
  const scope = readScope(JSON.stringify(value.scope));
  const { namespaces, showsSteps, runners } = value;
  const isWhole =
    Array.isArray(namespaces) && namespaces.every((name) => typeof name === "string") && isObject(runners);
  if (scope === undefined || !isWhole) return undefined;
  const entries = Object.entries(runners).slice(0, MOST_RUNNERS);
  return {
    scope,
    namespaces,
    showsSteps: showsSteps === true,
    runners: Object.fromEntries(entries.map(([uuid, entry]) => [uuid, entryOf(entry)])),
  };
}

function entryOf(value: unknown): LedgerEntry {
  if (!isObject(value)) return {};
  const { adopted, disable } = value;
  return { ...(adopted === true && { adopted }), ...(isObject(disable) && { disable: disableOf(disable) }) };
}

/** One that cannot be read may be anybody's: it explains, and only time takes it off. */
function disableOf({ by, serverTime }: Readonly<Record<string, unknown>>): OwnDisable {
  return {
    by: typeof by === "string" ? by : "several",
    ...(typeof serverTime === "number" && { serverTime }),
  };
}
