import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { MEBIBYTE } from "./units.ts";

/** What the figures were taken on. */
export interface Machine {
  readonly cores: number;
  readonly processor: string;
  readonly memoryGibibytes: number;
  readonly node: string;
  readonly platform: string;
  /** Processes that wanted to run, on average over the last minute: above the number of cores the figures suffer. */
  readonly load: number;
}

export function thisMachine(): Machine {
  return {
    cores: availableParallelism(),
    processor: cpus()[0]?.model.trim() ?? "unknown processor",
    memoryGibibytes: Math.round(totalmem() / MEBIBYTE / 1024),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    load: loadavg()[0] ?? 0,
  };
}

export function machineText({ cores, processor, memoryGibibytes, node, platform }: Machine): string {
  return `${cores} cores (${processor}), ${memoryGibibytes} GiB, ${platform}, Node ${node}`;
}
