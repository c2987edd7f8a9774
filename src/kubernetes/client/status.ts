import * as z from "zod";

/** The object that the API server answers with when it refuses, and sends as the object of a watch's ERROR event. */
const StatusObject = z.object({
  kind: z.literal("Status"),
  message: z.string().optional(),
  reason: z.string().optional(),
  code: z.number().optional(),
  details: z
    .object({
      name: z.string().optional(),
      kind: z.string().optional(),
      retryAfterSeconds: z.number().optional(),
      causes: z
        .array(
          z.object({
            field: z.string().optional(),
            reason: z.string().optional(),
          }),
        )
        .nullish(),
    })
    .nullish(),
});

/** What the API server says when it refuses. */
export type Status = z.infer<typeof StatusObject>;

/** Reads a Status; undefined for anything else (a proxy's page, for one). */
export function readStatus(value: unknown): Status | undefined {
  const result = StatusObject.safeParse(value);
  return result.success ? result.data : undefined;
}

/** Whether the server says that this very object is not there. A 404 for anything else (a path, a proxy's page) proves nothing. */
export function saysAbsent(status: Status | undefined, name: string): boolean {
  return status?.reason === "NotFound" && status.details?.name === name;
}

/** The fields that the server objects to, such as `metadata.labels`. */
export function objectedFields(status: Status | undefined): readonly string[] {
  return [...new Set((status?.details?.causes ?? []).flatMap(({ field }) => (field === undefined ? [] : [field])))];
}
