import { Command } from "commander";
import { type ProcessOptions, runProcess } from "../../process/run-process.ts";
import type { Io } from "../io.ts";
import { withProcessOptions } from "../options.ts";

/** `runners-autoscaler controller`: scales the groups. */
export function controllerCommand(io: Io): Command {
  const command = new Command("controller").description(
    "register runners and run each as a Kubernetes Job, up and down with the load",
  );
  return withProcessOptions(command).action(async (options: ProcessOptions) => {
    io.exitCode = await runProcess("controller", options, io);
  });
}
