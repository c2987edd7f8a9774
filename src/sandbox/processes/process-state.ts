import * as z from "zod";
import { readText, type Send } from "../../http/transport.ts";

/** What a process says of itself at `/api/v1/state`, as far as it is shown here. Times are ISO 8601, simulated. */
const ProcessState = z.object({
  groups: z.array(
    z.object({
      name: z.string(),
      scope: z.string(),
      desired: z.number(),
      reason: z.string(),
      numbers: z.object({ min: z.number(), max: z.number() }),
      phases: z.record(z.string(), z.number()),
      decisions: z.array(
        z.object({
          since: z.string(),
          desired: z.number(),
          reason: z.string(),
          numbers: z.object({
            supply: z.object({ total: z.number(), busy: z.number(), starting: z.number() }),
          }),
          limits: z.array(z.string()),
          did: z.object({ created: z.number(), undrained: z.number(), drained: z.number(), removed: z.number() }),
        }),
      ),
    }),
  ),
  troubles: z.array(z.object({ where: z.string(), message: z.string(), at: z.string(), times: z.number() })),
});

export type ProcessState = z.infer<typeof ProcessState>;
export type GroupState = ProcessState["groups"][number];

/** What the process at `url` says; undefined while it does not answer. */
export async function readProcessState(
  send: Send,
  url: string,
  signal: AbortSignal,
): Promise<ProcessState | undefined> {
  try {
    const response = await send({ method: "GET", url: `${url}/api/v1/state`, headers: {}, signal });
    const text = await readText(response);
    return response.status === 200 ? ProcessState.parse(JSON.parse(text)) : undefined;
  } catch {
    // It is starting, stopping, or dead: child.ts says so.
    return undefined;
  }
}
