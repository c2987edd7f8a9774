import * as z from "zod";
import type { KubeClient, ObjectPlace } from "./client/client.ts";
import { compareAndSwap } from "./client/compare-and-swap.ts";
import { createOnce } from "./client/create-once.ts";
import { JOBS, type Kind, NAMESPACES, PODS, SECRETS } from "./client/kind.ts";
import { readAs } from "./client/metadata.ts";
import { jobRecord, podRecord, secretRecord } from "./client/records.ts";
import { CallError } from "./client/request-error.ts";
import { objectedFields, saysAbsent } from "./client/status.ts";
import { KubernetesError } from "./errors.ts";
import type { Cluster } from "./port.ts";

/** Time that a Job's pods get to end by themselves. */
const GRACE_SECONDS = 5;

/** The Job controller puts this label on the pods that it makes, and nobody else has a use for it. */
const PODS_OF_JOBS = "job-name";

/** The port's adapter to a Kubernetes API server. Keeps of each object what cluster-objects.ts names. */
export function restCluster(client: KubeClient): Cluster {
  return {
    async namespaceUid(name, signal) {
      const object = await client.get(NAMESPACES, { name }, signal);
      if (object !== undefined) return readAs(NamespaceObject, "Namespace", object).metadata.uid;
      throw new KubernetesError(`The namespace "${name}" is not there`, `Create it: kubectl create namespace ${name}`, {
        status: 404,
        reason: "NotFound",
      });
    },

    async ensureNamespace(name, signal) {
      if ((await client.get(NAMESPACES, { name }, signal)) !== undefined) return;
      try {
        await client.create(NAMESPACES, undefined, namespaceNamed(name), signal);
      } catch (error) {
        if (!(error instanceof CallError && error.said?.reason === "AlreadyExists")) throw error;
      }
    },

    async jobs(namespace, signal, labelSelector) {
      return (await client.list(JOBS, { namespace, labelSelector }, jobRecord, signal)).items;
    },

    async jobsEverywhere(labelSelector, signal) {
      return (await client.list(JOBS, { labelSelector }, jobRecord, signal)).items;
    },

    async job(namespace, name, signal) {
      const object = await client.get(JOBS, { namespace, name }, signal);
      return object && jobRecord(object);
    },

    async pods(namespace, signal) {
      return (await client.list(PODS, { namespace, labelSelector: PODS_OF_JOBS }, podRecord, signal)).items;
    },

    async secrets(namespace, signal, labelSelector) {
      return (await client.list(SECRETS, { namespace, labelSelector }, secretRecord, signal)).items;
    },

    async secret(namespace, name, signal) {
      const object = await client.get(SECRETS, { namespace, name }, signal);
      return object && secretRecord(object);
    },

    createJob: (namespace, job, signal) => createOnce(client, JOBS, namespace, job, jobRecord, signal),

    createSecret: (namespace, secret, signal) => createOnce(client, SECRETS, namespace, secret, secretRecord, signal),

    patchJobMetadata: (job, marks, signal) => compareAndSwap(client, JOBS, job, marks, jobRecord, signal),

    async emptySecret(secret, marks, signal) {
      try {
        return await compareAndSwap(client, SECRETS, secret, marks, secretRecord, signal, { data: null });
      } catch (error) {
        const objected = error instanceof CallError && error.status === 422 ? objectedFields(error.said) : [];
        if (objected.includes("data")) return "immutable";
        throw error;
      }
    },

    deleteJob: ({ uid, ...place }, signal) =>
      deleteExactly(client, JOBS, place, signal, {
        propagationPolicy: "Foreground",
        gracePeriodSeconds: GRACE_SECONDS,
        preconditions: { uid },
      }),

    deleteSecret: ({ uid, ...place }, signal) =>
      deleteExactly(client, SECRETS, place, signal, { preconditions: { uid } }),
  };
}

const NamespaceObject = z.object({ metadata: z.object({ uid: z.string().min(1) }) });

function namespaceNamed(name: string) {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name } };
}

async function deleteExactly(
  client: KubeClient,
  kind: Kind,
  { namespace, name }: Required<ObjectPlace>,
  signal: AbortSignal,
  options: Readonly<Record<string, unknown>>,
): Promise<"deleted" | "absent" | "conflict"> {
  try {
    await client.delete(kind, { namespace, name }, { apiVersion: "v1", kind: "DeleteOptions", ...options }, signal);
    return "deleted";
  } catch (error) {
    if (error instanceof CallError && saysAbsent(error.said, name)) return "absent";
    if (error instanceof CallError && error.status === 409) return "conflict";
    throw error;
  }
}
