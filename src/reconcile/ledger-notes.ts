import { LookExpired } from "../bitbucket/errors.ts";
import type { StatusSent } from "../bitbucket/port.ts";
import { agoMs } from "../domain/bitbucket-time.ts";
import type { ReadTime } from "../domain/lasting.ts";
import type { LedgerEntry, OwnDisable, ScopeLedger } from "../domain/ledger.ts";
import type { RemoteRunner, RunnerListing, RunnerReading } from "../domain/remote-runner.ts";
import type { Runner } from "../domain/runner.ts";
import { LATE_MS, REPLICA_LAG_MS } from "../domain/times.ts";
import { isDisabled } from "../runners/phase.ts";
import type { Dependencies } from "./dependencies.ts";
import { notAfter } from "./remove.ts";
import type { ScopeMemory } from "./scope-memory.ts";

/** What a reading shows that the ledger should have. */
export interface Known extends Pick<RunnerListing, "flavour" | "serverTime" | "showsSteps"> {
  readonly runners: readonly Runner[];
  /** The configuration's, of groups in this scope. */
  readonly namespaces: readonly string[];
  readonly memory: Pick<ScopeMemory, "openDisables" | "answeredDisables" | "gone">;
  readonly identity: string;
  readonly took: ReadTime;
}

/**
 * The ledger with what a reading showed: namespaces before Jobs are made in them, every runner that is ours, whether steps are shown; without
 * the runners that are long gone, and without disables that explain nothing any more. The same object when there is no news.
 */
export function noted(ledger: ScopeLedger, known: Known): ScopeLedger {
  const namespaces = [...new Set([...ledger.namespaces, ...known.namespaces])];
  // The internal API always shows them, which says nothing about the public one.
  const showsSteps = ledger.showsSteps || (known.flavour === "public" && known.showsSteps);
  const runners = notedRunners(ledger, known);
  const isNews =
    namespaces.length !== ledger.namespaces.length ||
    showsSteps !== ledger.showsSteps ||
    JSON.stringify(runners) !== JSON.stringify(ledger.runners);
  return isNews ? { ...ledger, namespaces, showsSteps, runners } : ledger;
}

function notedRunners(ledger: ScopeLedger, known: Known): ScopeLedger["runners"] {
  const present = new Map(known.runners.map((runner) => [runner.uuid, runner]));
  const entries = new Map<string, LedgerEntry>();
  const gone = Object.keys(ledger.runners).filter((uuid) => !present.has(uuid));
  const goneMs = known.memory.gone.see(gone, known.took);
  for (const [uuid, entry] of Object.entries(ledger.runners)) {
    const runner = present.get(uuid);
    // A listing may be wrong once: an entry goes when its runner was on neither plane for long.
    if (goneMs(uuid) >= LATE_MS) continue;
    entries.set(uuid, withoutSettled(uuid, entry, runner, known));
  }
  for (const { uuid, ownership, remote } of known.runners) {
    if (ownership === "ours" && remote !== undefined && !entries.has(uuid)) entries.set(uuid, {});
  }
  return Object.fromEntries(entries);
}

/** A disable explains nothing any more when its runner is seen enabled, is not being drained, and no sending of it can still arrive. */
function withoutSettled(uuid: string, entry: LedgerEntry, runner: Runner | undefined, known: Known): LedgerEntry {
  const { disable, ...rest } = entry;
  if (disable === undefined || runner?.remote === undefined || runner.drain !== undefined) return entry;
  if (isDisabled(runner.remote) || !cannotArrive(uuid, disable, runner, known)) return entry;
  known.memory.openDisables.delete(uuid);
  return rest;
}

function cannotArrive(
  uuid: string,
  { by, serverTime: sentAt }: OwnDisable,
  { lasting }: Runner,
  { memory, identity, serverTime, took }: Known,
): boolean {
  const isSettled = !memory.openDisables.has(uuid) && isShown(uuid, memory, took.begunAt);
  return (
    (by === identity && isSettled && lasting.enabled > 0) ||
    agoMs(sentAt, serverTime) >= LATE_MS ||
    lasting.enabled >= LATE_MS
  );
}

/** A replica that is behind may show a runner enabled for a while after our disable was answered: whether that is over. */
function isShown(uuid: string, { answeredDisables }: Pick<ScopeMemory, "answeredDisables">, now: number): boolean {
  return now - (answeredDisables.get(uuid) ?? Number.NEGATIVE_INFINITY) >= REPLICA_LAG_MS;
}

/**
 * Writes down, before they are sent, that these runners are about to be disabled: whoever finds one disabled later knows that it may have been
 * us. @param serverTime Bitbucket's clock at the look that is at hand
 */
export async function noteDisables(
  { ledgers, identity }: Pick<Dependencies, "ledgers" | "identity">,
  { scope, serverTime }: DisablesIn,
  uuids: readonly string[],
): Promise<void> {
  if (uuids.length === 0) return;
  await ledgers.change(scope, (ledger) => {
    const entries = uuids.map((uuid) => {
      const entry = ledger.runners[uuid] ?? {};
      const by = entry.disable === undefined || entry.disable.by === identity ? identity : "several";
      return [uuid, { ...entry, disable: { by, ...(serverTime !== undefined && { serverTime }) } }] as const;
    });
    return { ...ledger, runners: { ...ledger.runners, ...Object.fromEntries(entries) } };
  });
}

/** Where disables are about to be sent. */
export interface DisablesIn {
  readonly scope: ScopeLedger["scope"];
  readonly memory: Pick<ScopeMemory, "openDisables" | "answeredDisables">;
  readonly serverTime: number | undefined;
}

/** The last look before a disable that has been noted. Where it fails nothing is sent, and the note is taken back. @throws what `look` throws */
export async function lookBeforeDisable<T>(
  deps: Pick<Dependencies, "ledgers" | "identity" | "clock">,
  where: Pick<DisablesIn, "scope" | "memory">,
  uuid: string,
  look: () => Promise<T>,
): Promise<T> {
  try {
    return await look();
  } catch (error) {
    await forgetDisable(deps, where, uuid);
    throw error;
  }
}

/** Keeps a runner from new steps, on the strength of a look at it. The ledger has been told before. */
async function disableAfter(
  deps: Pick<Dependencies, "bitbucket" | "clock" | "signal">,
  { scope, memory }: DisablesIn,
  runner: RemoteRunner,
  tooLateAt: number,
): Promise<void> {
  memory.openDisables.add(runner.uuid);
  let sent: StatusSent;
  try {
    sent = await deps.bitbucket.disable(scope, runner, tooLateAt, deps.signal);
  } catch (error) {
    if (error instanceof LookExpired && !error.mayHaveActed) memory.openDisables.delete(runner.uuid);
    throw error;
  }
  if (sent === "answered") memory.openDisables.delete(runner.uuid);
  memory.answeredDisables.set(runner.uuid, deps.clock.monotonic());
}

/** The public API may answer a form of request that it does not heed with success: each try is another form. */
const MOST_DISABLES = 4;

/**
 * Disables a runner on the strength of a look, and looks what came of it. The internal API heeds the first request: whoever is shown as enabled
 * after that was enabled by somebody.
 *
 * @param onSent told after each request
 * @returns the last look
 */
export async function disableUntilSeen(
  deps: Pick<Dependencies, "bitbucket" | "clock" | "signal">,
  where: DisablesIn,
  look: RunnerReading,
  onSent: () => void,
): Promise<RunnerReading> {
  let last = look;
  for (let tries = 0; tries < MOST_DISABLES && last.runner !== undefined && !isDisabled(last.runner); tries += 1) {
    if (tries > 0 && last.flavour === "internal") return last;
    await disableAfter(deps, where, last.runner, notAfter(last));
    onSent();
    last = await deps.bitbucket.get(where.scope, last.runner.uuid, deps.signal);
  }
  return last;
}

/**
 * Takes this process's disable out of the ledger, lest it explain what somebody else does; one that may still arrive, or show late, stays noted. To
 * be called before the drain annotation goes.
 */
export async function forgetDisable(
  { ledgers, identity, clock }: Pick<Dependencies, "ledgers" | "identity" | "clock">,
  { scope, memory }: Pick<DisablesIn, "scope" | "memory">,
  uuid: string,
): Promise<void> {
  if (memory.openDisables.has(uuid) || !isShown(uuid, memory, clock.monotonic())) return;
  await ledgers.change(scope, (ledger) => {
    const { disable, ...rest } = ledger.runners[uuid] ?? {};
    if (disable?.by !== identity) return ledger;
    return { ...ledger, runners: { ...ledger.runners, [uuid]: rest } };
  });
}
