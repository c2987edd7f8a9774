import type { Cells } from "../histories/numbered.ts";

/** A fault that is put into the program on purpose, to see whether the histories find it. */
export interface PlantedBug {
  readonly name: string;
  /** What is wrong then, for people. */
  readonly what: string;
  readonly edits: readonly Edit[];
  /** In which histories of the matrix it is likely to show; without it: in any. */
  readonly where?: Cells;
}

/** In this file this text, which is there once, becomes that. */
interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const bug = (name: string, what: string, ...edits: readonly Edit[]): PlantedBug => ({ name, what, edits });
const shows = (where: Cells, planted: PlantedBug): PlantedBug => ({ ...planted, where });
const edit = (file: string, from: string, to: string): Edit => ({ file: `src/${file}`, from, to });

/** Each alone breaks a promise. The histories are to find all of them; the table of the latest run is in docs/safety.md. */
export const PLANTED_BUGS: readonly PlantedBug[] = [
  bug(
    "wait-b-skipped",
    "a disabled runner needs no wait for its agent's next poll",
    edit("domain/times.ts", "AGENT_POLL_MS = 45 * SECOND", "AGENT_POLL_MS = 0"),
  ),
  shows(
    { state: "leaving", event: "step" },
    bug(
      "busy-unchecked",
      "a step that is shown does not keep a drained runner",
      edit("scaling/drain-proof.ts", ' || runner.busy === "busy") return false;', ") return false;"),
      edit("scaling/drain-step.ts", 'if (remote.busy === "busy") return', "if (false) return"),
    ),
  ),
  shows(
    { state: "proven", event: "enable" },
    bug(
      "last-look-ignored",
      "what the last look shows is not held against the proof",
      edit(
        "controller/drain.ts",
        "return isDrained({ agents, lasting }, drain, { ...reading, runner: reading.runner });",
        "return true;",
      ),
    ),
  ),
  bug(
    "job-before-registration",
    "the Job goes before the registration",
    edit(
      "reconcile/remove.ts",
      "    await bitbucket.remove(scope, uuid, notAfter(last), signal);\n",
      "    if (job !== undefined) await removeJob(deps, job, uuid);\n    await bitbucket.remove(scope, uuid, notAfter(last), signal);\n",
    ),
  ),
  shows(
    { fault: "no-effect", counting: "writes" },
    bug(
      "job-although-registered",
      "the Job goes although the registration still shows",
      edit("reconcile/remove.ts", 'if (after.runner !== undefined) return "not-yet";', ""),
    ),
  ),
  bug(
    "only-online-is-live",
    "only what serves takes a place under max",
    edit(
      "scaling/decide.ts",
      'live: runners.filter((runner) => runner.phase !== "foreign").length + unresolved,',
      "live: idle + busy,",
    ),
    edit(
      "scaling/plan.ts",
      '(phase === "foreign" ? [] : [uuid])',
      '(phase === "idle" || phase === "busy" ? [uuid] : [])',
    ),
    edit("controller/create.ts", "...listed.flatMap((job) => job.runnerUuid ?? [])", ""),
  ),
  shows(
    { event: "forbid-reads" },
    bug(
      "failed-list-is-empty",
      "a namespace that cannot be read counts as empty",
      edit(
        "reconcile/read-scope.ts",
        "Promise.allSettled(namespaces.map(read))",
        "Promise.allSettled(\n    namespaces.map((namespace) => read(namespace).catch(() => ({ namespace, jobs: [], pods: [], secrets: [] }))),\n  )",
      ),
    ),
  ),
  bug(
    "cordoned-ignored",
    "a cordoned runner counts as enabled",
    edit("runners/phase.ts", 'remote.status === "DISABLED" || remote.cordoned', 'remote.status === "DISABLED"'),
  ),
  shows(
    { event: "forge-job" },
    bug(
      "ownership-by-labels",
      "a Job's label makes its registration ours",
      edit(
        "runners/ownership.ts",
        "if (carriesMark(remote, installation)) return",
        "if (mark === installation || carriesMark(remote, installation)) return",
      ),
    ),
  ),
  shows(
    { event: "forge-job" },
    bug(
      "foreign-is-ours",
      "every runner that has the group's labels is ours",
      edit(
        "runners/ownership.ts",
        'return isAdoptable ? "adoptable" : "foreign";',
        'return groups.some(({ labels }) => sameLabels(remote.labels, labels)) ? "ours" : "foreign";',
      ),
    ),
  ),
  shows(
    { event: "forge-job" },
    bug(
      "adopts-anything",
      "a runner of other labels is adopted",
      edit("runners/ownership.ts", "job?.namespace === namespace && sameLabels(remote.labels, labels);", "true;"),
    ),
  ),
  shows(
    { state: "adoptable", counting: "writes" },
    bug(
      "adoption-unfinished",
      "an adoption whose swap lost is not tried again",
      edit("runners/ownership.ts", "return entry.adopted && mark === undefined && isAdoptable ?", "return false ?"),
    ),
  ),
  shows(
    { state: "creating", event: "twin" },
    bug(
      "no-deciding-list",
      "no list of Jobs decides whether a batch fits under max",
      edit("controller/create.ts", "Math.max(0, places.size - settings.parameters.max)", "0"),
    ),
  ),
  shows(
    { state: "creating", event: "twin" },
    bug(
      "secret-before-list",
      "Secrets are made before that list",
      edit(
        "controller/create.ts",
        "  const fitting = await withinMax(order, withJobs);\n  return Promise.all(fitting.map((each) => stoppedByError(() => complete(order, each))));",
        "  const completed = await Promise.all(withJobs.map((each) => stoppedByError(() => complete(order, each))));\n  await withinMax(order, withJobs);\n  return completed;",
      ),
    ),
  ),
  shows(
    { state: "creating", fault: "lost-reply", counting: "writes" },
    bug(
      "registration-sent-again",
      "a registration whose reply was lost is sent again",
      edit(
        "bitbucket/rest.ts",
        "const outcome = await client.once(request, signal);",
        'const first = await client.once(request, signal);\n        const outcome = first.kind === "failed" ? await client.once(request, signal) : first;',
      ),
    ),
  ),
  shows(
    { fault: "late-20s", counting: "writes" },
    bug(
      "lost-uncounted",
      "a registration whose reply was lost takes no place",
      edit("scaling/decide.ts", '!== "foreign").length + unresolved', '!== "foreign").length'),
      edit("controller/create.ts", 'if (registration.kind === "unresolved") state', "if (false) state"),
    ),
  ),
  shows(
    { state: "registration-alone" },
    bug(
      "leftover-age-0",
      "what was made just now is a leftover",
      edit("domain/times.ts", "LEFTOVER_AGE_MS = 120 * SECOND", "LEFTOVER_AGE_MS = 0"),
    ),
  ),
  shows(
    { behaviour: "mute", event: "step" },
    bug(
      "unknown-is-idle",
      "a runner of which nobody can tell whether it is busy counts as idle",
      edit("bitbucket/runners/runner-reader.ts", 'flavour === "internal" || this.#showedSteps.has(key);', "true;"),
    ),
  ),
  shows(
    { state: "public", fault: "crash-before" },
    bug(
      "steps-shown-forgotten",
      "that the public API shows steps is forgotten with a restart",
      edit("reconcile/read-scope.ts", "if (remembered.showsSteps) bitbucket.recallSteps(scope);", ""),
    ),
  ),
  shows(
    { state: "growing", event: "forget-node" },
    bug(
      "lost-pod-uncounted",
      "a pod that is counted and not listed does not live",
      edit(
        "runners/agents.ts",
        "const unaccounted = job === undefined ? 0 : uncounted(job, pods);",
        "const unaccounted = 0;",
      ),
    ),
  ),
  shows(
    { event: "end-agent" },
    bug(
      "agent-end-unseen",
      "an agent that ended for good, in a pod that runs on, counts as alive",
      edit(
        "runners/agents.ts",
        "return agents.length > 0 && agents.every((agent) => isNotRestarted(agent, pod));",
        "return false;",
      ),
    ),
  ),
  shows(
    { event: "cut-off-long", behaviour: "no-date" },
    bug(
      "offline-is-dead",
      "an OFFLINE runner is dead although its pod runs",
      edit(
        "cleaner/clean-step.ts",
        'if (agents.possible > agents.unaccounted) return leave("offline-but-running");',
        "",
      ),
      edit(
        "cleaner/proof.ts",
        "!isReplaced && !isPodMissing(job, pods) && agents.possible === agents.unaccounted",
        "!isReplaced",
      ),
      edit("domain/times.ts", "export const SILENCE_MS = 15 * MINUTE", "export const SILENCE_MS = 0"),
    ),
  ),
  shows(
    { event: "delete-registration", behaviour: "agents-stay" },
    bug(
      "running-agent-unregistered",
      "the Job of a runner whose registration is gone goes although its agent runs",
      edit(
        "cleaner/clean-step.ts",
        "if (agents.unaccounted === 0 && areAgentsStopped(pods)) return",
        "if (true) return",
      ),
      edit(
        "cleaner/execute.ts",
        "const runsNone = agents.unaccounted === 0 && areAgentsStopped(pods);",
        "const runsNone = true;",
      ),
    ),
  ),
  shows(
    "long",
    bug(
      "slow-read-proves",
      "what one process has seen counts from the beginning of the read that showed it",
      edit("reconcile/read-scope.ts", "{ begunAt, endedAt: clock.monotonic() }", "{ begunAt, endedAt: begunAt }"),
    ),
  ),
  shows(
    { event: "clock-ahead" },
    bug(
      "own-wall-clock",
      "proofs count by the wall clock of whoever reads",
      edit(
        "bitbucket/rest.ts",
        "const { runners, flavour, begunAt, serverTime } = reader.read(scope, answered, resources);\n      return { flavour, begunAt, serverTime, runner: runners[0] };",
        "const { runners, flavour, begunAt } = reader.read(scope, answered, resources);\n      return { flavour, begunAt, serverTime: clock.now(), runner: runners[0] };",
      ),
      edit(
        "bitbucket/rest.ts",
        "const listing = reader.read(scope, answered, [...byUuid.values()]);",
        "const listing = { ...reader.read(scope, answered, [...byUuid.values()]), serverTime: clock.now() };",
      ),
    ),
  ),
  shows(
    { behaviour: "no-date" },
    bug(
      "no-date-own-clock",
      "where Bitbucket's reply tells no time, one's own wall clock does",
      edit(
        "bitbucket/runners/runner-reader.ts",
        "const serverTime = Number.isNaN(date) ? undefined : date;",
        "const serverTime = Number.isNaN(date) ? 0 : date;",
      ),
    ),
  ),
  shows(
    { event: "enable", fault: "pause-1min", counting: "looks" },
    bug(
      "looks-never-expire",
      "a look justifies a write however old it is",
      edit("bitbucket/http/client.ts", "clock.monotonic() > request.notAfter", "false"),
    ),
  ),
  shows(
    { state: "proven", event: "switch-api" },
    bug(
      "withdrawn-api-believed",
      "404 from an API that serves nothing any more says that the runner is gone",
      edit("bitbucket/rest.ts", "if (!isAboutRunner(answered.response)) return answered;", "return answered;"),
    ),
  ),
  shows(
    { event: "switch-api" },
    bug(
      "flavour-ignored",
      "what one flavour of the API showed is a proof for the other",
      edit("scaling/drain-proof.ts", "disabledSeen?.flavour !== flavour", "disabledSeen === undefined"),
      edit("scaling/drain-step.ts", "drain.disabledSeen?.flavour !== read.flavour", "drain.disabledSeen === undefined"),
      edit("reconcile/sightings.ts", "if (!sameFlavour) for", "if (false) for"),
    ),
  ),
  shows(
    { behaviour: "single-pages" },
    bug(
      "one-listing-believed",
      "a listing of several pages is believed after one reading",
      edit("bitbucket/runners/paged-listing.ts", "if (reading.pages === 1) return", "if (true) return"),
    ),
  ),
  shows(
    { event: "newer-mark", counting: "writes" },
    bug(
      "swap-without-version",
      "annotations are written whatever the Job is by now",
      edit(
        "kubernetes/client/compare-and-swap.ts",
        "{ ...patch.metadata, uid, resourceVersion }",
        "{ ...patch.metadata, uid }",
      ),
    ),
  ),
  shows(
    { event: "newer-mark" },
    bug(
      "newer-mark-touched",
      "a mark that is not understood counts as none",
      edit("runners/merge.ts", 'isMarkUnderstood: mark !== "not-understood",', "isMarkUnderstood: true,"),
      edit("domain/drain.ts", "return v === VERSION && isBegun(drain)", "return isObject(drain)"),
    ),
  ),
  shows(
    { event: "disable" },
    bug(
      "held-is-ours",
      "a runner that somebody disabled is brought back",
      edit("runners/phase.ts", 'return isDisableOurs ? "draining" : "held";', 'return "draining";'),
    ),
  ),
  shows(
    { state: "surplus", event: "disable" },
    bug(
      "no-look-before-disable",
      "no look before the disable",
      edit(
        "controller/drain.ts",
        'if (look.runner === undefined || isDisabled(look.runner) || look.runner.busy === "busy") {',
        "if (false) {",
      ),
      edit("scaling/drain-step.ts", "if (drain.disabledSeen === undefined && !runner.isDisableOurs", "if (false"),
    ),
  ),
  shows(
    { event: "enable" },
    bug(
      "freed-not-left-alone",
      "what a human enables is drained again at once",
      edit("scaling/victims.ts", "if (lasting.freed > 0 && lasting.freed < coolDownMs) return false;", ""),
      edit("scaling/victims.ts", "if (freedAt === undefined) return true;", "return true;"),
    ),
  ),
  shows(
    { state: "surplus", fault: "late-20s", counting: "writes" },
    bug(
      "own-disables-unnoted",
      "disables are not written down before they are sent",
      edit("reconcile/ledger-notes.ts", "if (uuids.length === 0) return;", "return;"),
      edit("scaling/drain-step.ts", "if (drain.disabledSeen === undefined && !runner.isDisableOurs", "if (false"),
    ),
  ),
  shows(
    { state: "leaving", event: "disable" },
    bug(
      "mark-trusted-unsent",
      "a runner that somebody disabled right after our mark is ours to remove",
      edit("scaling/drain-step.ts", "if (drain.disabledSeen === undefined && !runner.isDisableOurs", "if (false"),
    ),
  ),
  shows(
    { state: "surplus", event: "disable" },
    bug(
      "unsent-disable-explains",
      "a disable that was never sent explains what somebody else does",
      edit("reconcile/ledger-notes.ts", "if (memory.openDisables.has(uuid) || !isShown(", "if (true || !isShown("),
    ),
  ),
  shows(
    { state: "draining", event: "delete-job" },
    bug(
      "jobless-drain-stays",
      "a draining runner whose Job was deleted is never removed",
      edit(
        "cleaner/clean-step.ts",
        "if (job === undefined && runner.isDisableOurs && isDisabled(remote)) return",
        "if (false) return",
      ),
    ),
  ),
  shows(
    { event: "copy-job" },
    bug(
      "copy-believed",
      "a Job speaks for a runner under any name, and the youngest wins",
      edit(
        "runners/job-of-runner.ts",
        "if (uuid === undefined || job.name !== jobName(uuid)) return undefined;",
        "if (uuid === undefined) return undefined;",
      ),
      edit("runners/job-of-runner.ts", "jobs.toSorted(oldestFirst)", "jobs.toSorted((a, b) => oldestFirst(b, a))"),
    ),
  ),
  shows(
    { state: "half-created" },
    bug(
      "secret-not-voided",
      "a runner that never connected is condemned with its Secret whole",
      edit(
        "cleaner/clean-step.ts",
        'if (!isVoid) return { kind: "void-secret" };',
        'if (!isVoid) return { kind: "condemn", cause: "never-connected" };',
      ),
      edit("cleaner/proof.ts", "if (secret?.annotations[EMPTIED_ANNOTATION] === undefined) return false;", ""),
    ),
  ),
  shows(
    { state: "registration-alone" },
    bug(
      "inert-stays",
      "a registration that nothing belongs to is never removed",
      edit(
        "cleaner/clean-step.ts",
        '? { kind: "remove-registration", cause: "never-connected" }',
        '? leave("too-young")',
      ),
    ),
  ),
  shows(
    { state: "creating", event: "twin", fault: "no-effect" },
    bug(
      "taken-back-blindly",
      "the Job of what is taken back goes although its registration shows",
      edit(
        "controller/create.ts",
        "if (still === undefined) await deps.cluster.deleteJob",
        "await deps.cluster.deleteJob",
      ),
    ),
  ),
  shows(
    { state: "creating" },
    bug(
      "secret-logged",
      "the rendered Secret is logged",
      edit(
        "controller/create.ts",
        '  tellStep(pass, runner, { kind: "set-up" });',
        '  tellStep(pass, { ...runner, remote: { name: JSON.stringify(secret) } }, { kind: "set-up" });',
      ),
    ),
  ),
  shows(
    { state: "surplus", event: "step" },
    bug(
      "never-grows",
      "steps that wait make no runners",
      edit(
        "scaling/strategies/percentage-runners-idle.ts",
        "if (supply.busy > parameters.scaleUpThreshold * supply.total) {",
        "if (false) {",
      ),
    ),
  ),
  shows(
    { state: "two-groups", event: "break-scope" },
    bug(
      "one-scope-waits",
      "scopes are looked after one after the other",
      edit(
        "reconcile/scope-queue.ts",
        "const rest = await this.#visit(entry.scope, wokenBy);",
        "this.#turns = this.#turns.then(() => this.#visit(entry.scope, wokenBy));\n      const rest = await this.#turns;",
      ),
      edit(
        "reconcile/scope-queue.ts",
        "  readonly #loops = new Set<Promise<void>>();",
        "  readonly #loops = new Set<Promise<void>>();\n  #turns = Promise.resolve();",
      ),
    ),
  ),
];
