import * as z from "zod";
import type { JobRecord } from "../domain/cluster-objects.ts";
import type { KubeClient, ObjectKey } from "./client/client.ts";
import { compareAndSwap } from "./client/compare-and-swap.ts";
import { createConfigMap, replaceData } from "./client/config-maps.ts";
import { createOnce } from "./client/create-once.ts";
import { CONFIG_MAPS, JOBS, type Kind, NAMESPACES, PODS, SECRETS } from "./client/kind.ts";
import { readAs } from "./client/metadata.ts";
import { configMapRecord, JOB_RECORDS, jobRecord, podRecord, SECRET_RECORDS, secretRecord } from "./client/records.ts";
import { RequestError } from "./client/request-error.ts";
import { objectedFields, saysAbsent } from "./client/status.ts";
import { KubernetesError } from "./errors.ts";
import type { Cluster, KubeObject } from "./port.ts";

/** Time that a Job's pods get to end by themselves. */
const GRACE_SECONDS = 5;

/** The Job controller puts this label on the pods that it makes; nothing else uses it. */
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
        if (!(error instanceof RequestError && error.said?.reason === "AlreadyExists")) throw error;
      }
    },

    async jobs(namespace, signal, labelSelector) {
      return (await client.list(JOBS, { namespace, labelSelector }, jobRecord, signal)).items;
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

    createJob: (namespace, job, signal) => createOnce(client, JOB_RECORDS, { namespace, object: job }, signal),

    createSecret: (namespace, secret, signal) =>
      createOnce(client, SECRET_RECORDS, { namespace, object: secret }, signal),

    patchJobMetadata: (job, patch, signal) => compareAndSwap(client, JOB_RECORDS, { before: job, patch }, signal),

    async emptySecret(secret, patch, signal) {
      try {
        return await compareAndSwap(client, SECRET_RECORDS, { before: secret, patch, others: { data: null } }, signal);
      } catch (error) {
        const objected = error instanceof RequestError && error.status === 422 ? objectedFields(error.said) : [];
        if (objected.includes("data")) return "immutable";
        throw error;
      }
    },

    async configMaps(namespace, labelSelector, signal) {
      return (await client.list(CONFIG_MAPS, { namespace, labelSelector }, configMapRecord, signal)).items;
    },

    async configMap(namespace, name, signal) {
      const object = await client.get(CONFIG_MAPS, { namespace, name }, signal);
      return object && configMapRecord(object);
    },

    createConfigMap: (namespace, configMap, signal) =>
      createConfigMap(client, { namespace, object: configMap }, signal),

    replaceConfigMapData: (before, data, signal) => replaceData(client, before, data, signal),

    deleteConfigMap: ({ namespace, name, uid, resourceVersion }, signal) =>
      deleteExactly(client, { namespace, name, uid, resourceVersion }, CONFIG_MAP_DELETION, signal),

    deleteJob: ({ namespace, name, uid }, signal) =>
      deleteExactly(client, { namespace, name, uid }, JOB_DELETION, signal),

    deleteSecret: ({ namespace, name, uid }, signal) =>
      deleteExactly(client, { namespace, name, uid }, SECRET_DELETION, signal),
  };
}

const NamespaceObject = z.object({ metadata: z.object({ uid: z.string().min(1) }) });

function namespaceNamed(name: string) {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name } };
}

const JOB_DELETION = {
  kind: JOBS,
  options: { propagationPolicy: "Foreground", gracePeriodSeconds: GRACE_SECONDS },
} as const;
const CONFIG_MAP_DELETION = { kind: CONFIG_MAPS, options: {} } as const;
const SECRET_DELETION = { kind: SECRETS, options: {} } as const;

/** Deletes an object only if it still has that uid, and is at that version where one is given. */
async function deleteExactly(
  client: KubeClient,
  {
    namespace,
    name,
    uid,
    resourceVersion,
  }: Required<ObjectKey> & Partial<Pick<JobRecord, "resourceVersion">> & Pick<JobRecord, "uid">,
  { kind, options }: { readonly kind: Kind; readonly options: KubeObject },
  signal: AbortSignal,
): Promise<"deleted" | "absent" | "conflict"> {
  const preconditions = { uid, ...(resourceVersion !== undefined && { resourceVersion }) };
  const deleteOptions = { apiVersion: "v1", kind: "DeleteOptions", ...options, preconditions };
  try {
    await client.delete(kind, { namespace, name }, deleteOptions, signal);
    return "deleted";
  } catch (error) {
    if (error instanceof RequestError && saysAbsent(error.said, name)) return "absent";
    if (error instanceof RequestError && error.status === 409) return "conflict";
    throw error;
  }
}
