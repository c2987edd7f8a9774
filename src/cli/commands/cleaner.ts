import { Command } from "commander";
import { type ProcessOptions, runProcess } from "../../process/run-process.ts";
import type { Io } from "../io.ts";
import { withProcessOptions } from "../options.ts";

/** `runners-autoscaler cleaner`: removes what is left over on either side. */
export function cleanerCommand(io: Io): Command {
  const command = new Command("cleaner").description(
    "remove what crashes, lost replies and dead pods left over, in Bitbucket and in the cluster",
  );
  return withProcessOptions(command).action(async (options: ProcessOptions) => {
    io.exitCode = await runProcess("cleaner", options, io);
  });
}
