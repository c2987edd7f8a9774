import { median } from "../../src/simulation/statistics.ts";
import { systemClock } from "../../src/support/clock.ts";
import type { Size } from "../configuration.ts";
import type { Measurement, Row } from "../row.ts";
import { verdict } from "../row.ts";
import { MEBIBYTE, mebibytesText, SECOND_MS } from "../units.ts";
import { openHttpInstallation } from "./installation.ts";

const PATIENCE_MS = 90 * SECOND_MS;
/** After the last runner came ONLINE: the controller passes several times, and what the creations left behind is collected. */
const SETTLING_MS = 45 * SECOND_MS;
const SAMPLES = 30;
const SAMPLE_EVERY_MS = SECOND_MS;
const TARGET_BYTES = 96 * MEBIBYTE;

type Name = "controller" | "cleaner";

const SMALL: Size = { groups: 1, min: 10, max: 10 };
const LARGE: Size = { groups: 10, min: 10, max: 10 };

/** Resident memory of both processes soon after all runners were made, when nothing changes any more. */
export const memory: Measurement = {
  name: "memory",
  about: "resident memory with 1 × 10 and 10 × 10 runners, side by side",
  async measure() {
    const [small, large] = await Promise.all([sample(SMALL), sample(LARGE)]);
    return [
      rowOf("1 × 10: controller", small.controller),
      rowOf("1 × 10: cleaner", small.cleaner),
      rowOf("10 × 10: controller", large.controller, "90 MiB (measured)"),
      rowOf("10 × 10: cleaner", large.cleaner, "85 MiB (measured)"),
    ];
  },
};

/** The target is for the sizes that the original was measured at. */
function rowOf(title: string, { residentBytes, peakBytes }: Samples, original?: string): Row {
  const typical = median(residentBytes);
  return {
    what: `resident memory, ${title}`,
    original: original ?? "",
    target: original === undefined ? "" : "≤ 96 MiB",
    measured: `${mebibytesText(typical)} (peak ${mebibytesText(peakBytes)})`,
    verdict: original === undefined ? "no target" : verdict(typical <= TARGET_BYTES),
    figures: { residentBytes, peakBytes },
  };
}

interface Samples {
  readonly residentBytes: readonly number[];
  readonly peakBytes: number;
}

async function sample(size: Size): Promise<Readonly<Record<Name, Samples>>> {
  const installation = await openHttpInstallation(size, 1);
  try {
    const controller = installation.start("controller");
    const cleaner = installation.start("cleaner");
    const isOnline = () => {
      const online = installation.bitbucket.glance().filter(({ status }) => status === "ONLINE");
      return online.length === size.groups * size.min;
    };
    await installation.until("all runners ONLINE", isOnline, PATIENCE_MS);
    const wall = systemClock();
    await wall.sleep(SETTLING_MS);
    const readings: Record<Name, { readonly now: number; readonly peak: number }>[] = [];
    for (let i = 0; i < SAMPLES; i += 1) {
      readings.push({ controller: await controller.memoryBytes(), cleaner: await cleaner.memoryBytes() });
      await wall.sleep(SAMPLE_EVERY_MS);
    }
    const of = (name: Name): Samples => ({
      residentBytes: readings.map((reading) => reading[name].now),
      peakBytes: Math.max(...readings.map((reading) => reading[name].peak)),
    });
    return { controller: of("controller"), cleaner: of("cleaner") };
  } finally {
    await installation.close();
  }
}
