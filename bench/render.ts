import { median } from "../src/simulation/statistics.ts";
import { monotonicMs } from "../src/support/clock.ts";
import { Secret } from "../src/support/secret.ts";
import { parseTemplate } from "../src/template/parse.ts";
import type { JobTemplate } from "../src/template/port.ts";
import { anInput, shippedTemplate } from "../test/support/templates.ts";
import type { Measurement } from "./row.ts";
import { verdict } from "./row.ts";

const RUNNERS = 200;
const RUNS = 15;
const TARGET_MS = 0.3;

/** What it costs to make the Secret and the Job of one more runner, template and checks included. */
export const render: Measurement = {
  name: "render",
  about: `one more runner from the shipped template, ${RUNNERS} runners, ${RUNS} runs`,
  async measure() {
    const shared = parseTemplate(shippedTemplate(), "job.yaml.template");
    const warmMs = Array.from({ length: RUNS }, () => eachMs(() => shared));
    // A template that has rendered for nobody yet renders as a whole.
    const wholeMs = Array.from({ length: RUNS }, () => eachMs(() => parseTemplate(shippedTemplate(), "t")));
    return [
      {
        what: "one more runner: render",
        original: "",
        target: `≤ ${TARGET_MS} ms`,
        measured: `${median(warmMs).toFixed(2)} ms`,
        verdict: verdict(median(warmMs) <= TARGET_MS),
        figures: { warmMs },
      },
      {
        what: "the same: reading the template and rendering it as a whole",
        original: "",
        target: "",
        measured: `${median(wholeMs).toFixed(2)} ms`,
        verdict: "no target",
        figures: { wholeMs },
      },
    ];
  },
};

/** Milliseconds a runner, over many. */
function eachMs(templateFor: () => JobTemplate): number {
  const begunAt = monotonicMs();
  for (let runner = 0; runner < RUNNERS; runner += 1) {
    const rendered = templateFor().render(inputOf(runner));
    if (rendered.job.kind !== "Job" || rendered.secretOwnedBy("uid").kind !== "Secret")
      throw new Error("the template makes no runner");
  }
  return (monotonicMs() - begunAt) / RUNNERS;
}

function inputOf(runner: number) {
  const uuid = `8fe2a5c1-6c2e-5b0a-9d3f-${String(runner).padStart(12, "0")}`;
  return anInput({
    runnerUuid: `{${uuid}}`,
    oauthClientId: `client-of-${uuid}`,
    oauthClientSecret: new Secret(`secret-of-${uuid}`),
    labels: { runner_uuid: uuid },
  });
}
