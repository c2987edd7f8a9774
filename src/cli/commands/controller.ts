import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { controllerLoops } from "../../controller/controller.ts";
import { BUDGET_SHARES } from "../../domain/process-name.ts";
import { type ProcessOptions, runProcess } from "../../process/run-process.ts";
import { templateSource } from "../../process/template.ts";
import type { Io } from "../io.ts";
import { withProcessOptions } from "../options.ts";

/** `runners-autoscaler controller`: scales the groups. */
export function controllerCommand(io: Io): Command {
  const command = new Command("controller").description(
    "register runners and run each as a Kubernetes Job, up and down with the load",
  );
  return withProcessOptions(command).action(async (options: ProcessOptions) => {
    const template = templateSource(options.template, readFile);
    const role = {
      name: "controller",
      budgetShare: BUDGET_SHARES.controller,
      loops: (parts) => controllerLoops({ ...parts, template }),
    } as const satisfies Parameters<typeof runProcess>[0];
    io.exitCode = await runProcess(role, options, io);
  });
}
