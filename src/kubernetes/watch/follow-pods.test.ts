import { expect, onTestFinished, test } from "vitest";
import {
  type Answer,
  event,
  json,
  refusing,
  scriptedKubernetes,
  silence,
  streaming,
  unreachable,
} from "../../../test/support/scripted-kubernetes.ts";
import { VirtualClock } from "../../simulator/virtual-clock.ts";
import { seededRandom } from "../../support/random.ts";
import { followPods } from "./follow-pods.ts";

const scriptedServer = (answers: readonly Answer[]) => scriptedKubernetes(new VirtualClock(0), answers);

const podOf = (uid: string, resourceVersion: string, phase = "Pending") => ({
  metadata: { uid, resourceVersion },
  phase,
});
const podList = (version: string, ...items: unknown[]): Answer =>
  json({ kind: "PodList", metadata: { resourceVersion: version }, items });
const gone = refusing(410, "Expired");

function following(answers: readonly Answer[]) {
  const server = scriptedServer(answers);
  const controller = new AbortController();
  const seen: string[] = [];
  const options = { labelSelector: "job-name", random: seededRandom(1), clock: server.clock, log: server.log };
  const run = async () => {
    for await (const { type, pod } of followPods(server.client, options, controller.signal)) {
      const { metadata, phase } = pod as ReturnType<typeof podOf>;
      seen.push(`${type} ${metadata.uid} ${phase}`);
    }
  };
  const ended = run().catch((error: unknown) => error);
  onTestFinished(() => controller.abort(new Error("the test is over")));
  return { server, seen, ended };
}

test("what is there, then what happens to it, from the listing's version on", async () => {
  const { server, seen } = following([
    podList("7", podOf("a", "3"), podOf("b", "5")),
    streaming(
      [
        event("MODIFIED", podOf("a", "8", "Running")),
        event("ADDED", podOf("c", "9")),
        event("DELETED", podOf("b", "10", "Failed")),
      ],
      "stays open",
    ),
  ]);
  await server.clock.advance(1_000);
  expect(seen).toEqual([
    "added a Pending",
    "added b Pending",
    "modified a Running",
    "added c Pending",
    "deleted b Failed",
  ]);
  const [list, watch] = server.requests.map(({ url }) => new URL(url));
  expect(`${list?.pathname}${list?.search}`).toBe("/api/v1/pods?labelSelector=job-name&limit=500");
  expect(watch?.searchParams.get("resourceVersion")).toBe("7");
});

test("what happened unseen, while the watch had lost the thread, comes as changes too", async () => {
  const { server, seen } = following([
    podList("7", podOf("a", "3"), podOf("b", "5"), podOf("c", "6")),
    gone,
    podList("90", podOf("b", "5"), podOf("c", "80", "Running"), podOf("d", "81")),
    silence,
  ]);
  await server.clock.advance(1_000);
  expect(seen.slice(3)).toEqual(["deleted a Pending", "modified c Running", "added d Pending"]);
});

test("a change that the watch repeats does not break the order of a pod's life", async () => {
  const { server, seen } = following([
    podList("7", podOf("a", "3")),
    streaming(
      [event("ADDED", podOf("a", "3")), event("DELETED", podOf("a", "9")), event("DELETED", podOf("a", "9"))],
      "stays open",
    ),
  ]);
  await server.clock.advance(1_000);
  expect(seen).toEqual(["added a Pending", "modified a Pending", "deleted a Pending"]);
});

test("a server that is away is waited for", async () => {
  const { server, seen } = following([...Array<Answer>(10).fill(unreachable), podList("7", podOf("a", "3")), silence]);
  await server.clock.advance(60_000);
  expect(seen).toEqual(["added a Pending"]);
  expect(server.logged.filter(([level]) => level === "warn").length).toBeGreaterThan(0);
});

test("a refusal is told to the reader", async () => {
  const { server, ended } = following([refusing(403, "Forbidden")]);
  expect(await server.settle(ended)).toMatchObject({ name: "KubernetesError", status: 403 });
});
