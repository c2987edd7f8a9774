import type { Trouble } from "../domain/report.ts";
import type { Worlds } from "./worlds.ts";

/** Says what failed, with its remedy, to the log and to whoever shows the state; the next pass starts from what is there. */
export function tellTrouble(
  { clock, log }: Pick<Worlds, "clock" | "log">,
  reporter: { trouble(trouble: Trouble): void },
  where: string,
  error: unknown,
): void {
  const message = error instanceof Error ? error.message : String(error);
  const remedy =
    error instanceof Error && "remedy" in error && typeof error.remedy === "string" ? error.remedy : undefined;
  log.error("Failed", { group: where, error });
  reporter.trouble({ where, at: clock.now(), message, remedy });
}
