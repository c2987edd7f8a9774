import * as z from "zod";
import { KubernetesError } from "../errors.ts";

const texts = z
  .record(z.string(), z.string())
  .nullish()
  .transform((map) => map ?? {});

/** What is used of an object's metadata. */
export const Metadata = z.object({
  namespace: z.string().default(""),
  name: z.string(),
  uid: z.string(),
  resourceVersion: z.string(),
  creationTimestamp: z.string().transform((text, context) => {
    const at = Date.parse(text);
    if (Number.isNaN(at)) context.addIssue({ code: "custom", message: "is no time" });
    return at;
  }),
  deletionTimestamp: z.string().nullish(),
  labels: texts,
  annotations: texts,
  ownerReferences: z
    .array(z.object({ kind: z.string(), uid: z.string(), controller: z.boolean().nullish() }))
    .nullish()
    .transform((owners) => owners ?? []),
});

/**
 * Reads an object by its schema.
 *
 * @throws {KubernetesError} naming the fields that are not as Kubernetes sends them; values are not quoted.
 */
export function readAs<T>(schema: z.ZodType<T>, what: string, object: unknown): T {
  const result = schema.safeParse(object);
  if (result.success) return result.data;
  const fields = result.error.issues.map(({ path }) => path.join(".") || "the whole").join(", ");
  throw new KubernetesError(
    `Kubernetes sent a ${what} that cannot be read: ${fields}`,
    "Check that the server's URL is that of a Kubernetes API server; report this if it is.",
  );
}
