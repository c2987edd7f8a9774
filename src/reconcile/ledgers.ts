import type { ConfigMapRecord } from "../domain/cluster-objects.ts";
import { emptyLedger, readLedger, type ScopeLedger, writeLedger } from "../domain/ledger.ts";
import { INSTALLATION_LABEL, ownSelector, SCOPE_LABEL, scopeLabel } from "../domain/mark.ts";
import type { Scope } from "../domain/scope.ts";
import type { Cluster } from "../kubernetes/port.ts";
import { RemediedError } from "../support/errors.ts";

/** The one key of a ledger's ConfigMap. */
const KEY = "ledger.json";
/** Swaps that are lost in a row before a change is given up: both processes write a few times an hour. */
const MOST_TRIES = 5;

/** Where ledgers are kept. */
export interface LedgerHome {
  readonly cluster: Pick<
    Cluster,
    "configMaps" | "configMap" | "createConfigMap" | "replaceConfigMapData" | "deleteConfigMap" | "ensureNamespace"
  >;
  readonly installation: string;
  /** The control plane's own namespace, in which nobody else writes. */
  readonly controlNamespace: string;
  readonly signal: AbortSignal;
}

/** A ledger as it was read, for the swap that changes it. */
interface Kept {
  readonly record: ConfigMapRecord | undefined;
  readonly ledger: ScopeLedger;
}

/**
 * The ledgers of an installation, one ConfigMap for each scope in the control plane's namespace. Every change is a compare-and-swap, so that
 * controller, cleaner and their successors never overwrite what another wrote.
 */
export class Ledgers {
  readonly #home: LedgerHome;

  constructor(home: LedgerHome) {
    this.#home = home;
  }

  /** Every scope that has one. @throws {KubernetesError} */
  async scopes(): Promise<readonly Scope[]> {
    const { cluster, controlNamespace, installation, signal } = this.#home;
    const records = await cluster.configMaps(controlNamespace, ownSelector(installation), signal);
    return records.flatMap((record) => readLedger(record.data[KEY])?.scope ?? []);
  }

  /** A scope's; an empty one when nothing was ever written. @throws {KubernetesError} @throws {LedgerDamaged} */
  async of(scope: Scope): Promise<ScopeLedger> {
    return (await this.#read(scope)).ledger;
  }

  /**
   * Changes a scope's by compare-and-swap, reading it again when somebody was faster.
   *
   * @param edit gives the ledger as it should be, or the same object when nothing has to be written. It may be called several times.
   * @returns the ledger as it is now. @throws {KubernetesError} @throws {LedgerDamaged}
   */
  async change(scope: Scope, edit: (ledger: ScopeLedger) => ScopeLedger): Promise<ScopeLedger> {
    for (let tries = 1; ; tries += 1) {
      const kept = await this.#read(scope);
      const ledger = edit(kept.ledger);
      if (ledger === kept.ledger) return ledger;
      if (await this.#write(scope, kept, ledger)) return ledger;
      if (tries === MOST_TRIES) throw new LedgerContended(this.#nameOf(scope));
    }
  }

  /** Nothing of ours is in the scope any more. One that was changed since it was read stays. @returns whether none is left */
  async close(read: ScopeLedger): Promise<boolean> {
    const { cluster, signal } = this.#home;
    const { record, ledger } = await this.#read(read.scope);
    if (record === undefined) return true;
    if (writeLedger(ledger) !== writeLedger(read)) return false;
    return (await cluster.deleteConfigMap(record, signal)) !== "conflict";
  }

  async #read(scope: Scope): Promise<Kept> {
    const { cluster, controlNamespace, signal } = this.#home;
    const name = this.#nameOf(scope);
    const record = await cluster.configMap(controlNamespace, name, signal);
    if (record === undefined) return { record, ledger: emptyLedger(scope) };
    const ledger = readLedger(record.data[KEY]);
    if (ledger === undefined) throw new LedgerDamaged(`${controlNamespace}/${name}`);
    return { record, ledger };
  }

  async #write(scope: Scope, { record }: Kept, ledger: ScopeLedger): Promise<boolean> {
    const { cluster, controlNamespace, installation, signal } = this.#home;
    const data = { [KEY]: writeLedger(ledger) };
    if (record !== undefined) {
      const result = await cluster.replaceConfigMapData(record, data, signal);
      return result !== "conflict" && result !== "absent";
    }
    const labels = { [INSTALLATION_LABEL]: installation, [SCOPE_LABEL]: scopeLabel(scope) };
    const metadata = { name: this.#nameOf(scope), namespace: controlNamespace, labels };
    const object = { apiVersion: "v1", kind: "ConfigMap", metadata, data };
    // Who runs the program outside of a cluster may not have made it.
    await cluster.ensureNamespace(controlNamespace, signal);
    return (await cluster.createConfigMap(controlNamespace, object, signal)) !== "exists";
  }

  #nameOf(scope: Scope): string {
    return `runners-autoscaler-${this.#home.installation}-${scopeLabel(scope)}`;
  }
}

/** A ledger's text is not one: nothing is concluded from what is left of it. */
class LedgerDamaged extends RemediedError {
  override readonly name = "LedgerDamaged";

  constructor(name: string) {
    super(
      `The ConfigMap ${name} does not hold what the autoscaler wrote.`,
      `Restore it, or delete it: kubectl delete configmap -n ${name.replace("/", " ")}. Adopted runners are then adopted anew.`,
    );
  }
}

class LedgerContended extends RemediedError {
  override readonly name = "LedgerContended";

  constructor(name: string) {
    super(
      `The ConfigMap ${name} was changed by somebody else ${MOST_TRIES} times in a row.`,
      "The next pass tries again. Look for a second installation with the same mark.",
    );
  }
}
