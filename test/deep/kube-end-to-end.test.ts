import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Installed, type Planes, runnerOf } from "../kube/installed.ts";
import { findKubeAssets, type KubeAssets } from "../support/kube-assets.ts";

const assets = findKubeAssets(process.env);
const PATIENCE_MS = 200_000;

/** Three runners at most, soon drained again. */
const configure = (config: string) =>
  config.replace("max: 10", "max: 3").replace("runner_cool_down_period: 300", "runner_cool_down_period: 10");
/** Steps for six, so that three have something to do. */
const load = (config: string) => config.replace("max: 10", "max: 6");

describe.skipIf(assets === undefined)("the guide's installation, on a real control plane", () => {
  let installed: Installed;

  beforeAll(async () => {
    installed = await Installed.open(assets as KubeAssets, { configure, load });
  }, 60_000);
  afterAll(() => installed.close());

  test(
    "from one runner of the original to three and back to one of ours, all steps run",
    async () => {
      const original = await installed.addOriginalRunner();
      const [controller, cleaner] = [installed.start("controller"), installed.start("cleaner")];
      const runners = ({ registrations }: Planes) => registrations.length;

      const most = await installed.until("three runners", (planes) => planes.jobs.length === 3, PATIENCE_MS);
      expect(most.jobs.map(runnerOf)).toContain(original);
      await installed.bitbucket.process.said(/^\d\d:\d\d:\d\d queue 0 · 0 running · 9 done/m, PATIENCE_MS);
      const least = await installed.until(
        "one runner",
        (planes) => runners(planes) === 1 && planes.jobs.length === 1 && planes.pods.length === 1,
        PATIENCE_MS,
      );

      // The oldest idle ones go first, with their Secrets, be they owned or not.
      const uuids = least.registrations.map(({ uuid }) => uuid);
      expect(uuids).not.toContain(original);
      for (const objects of [least.jobs, least.secrets, least.pods]) expect(objects.map(runnerOf)).toEqual(uuids);
      for (const process of [controller, cleaner]) {
        expect(process.output).not.toMatch(/forbidden|^ERROR/im);
        const { code, afterMs } = await process.stop();
        expect(code).toBe(0);
        expect(afterMs).toBeLessThan(10_000);
      }
      expect((await installed.bitbucket.process.stop()).code).toBe(0);
      expect(installed.bitbucket.process.output).toContain("steps run 9 of 9");
    },
    3 * PATIENCE_MS,
  );
});
