import { isDeepStrictEqual } from "node:util";
import type { ContainerSpec, JobObject, PodObject, PodSpec } from "../../objects.ts";
import { quantity } from "../../quantity.ts";
import type { Cause } from "../api-error.ts";
import {
  forbiddenField,
  invalidValue,
  required,
  validateAnnotations,
  validateDnsLabel,
  validateLabels,
} from "./validate-metadata.ts";

/** What is wrong with a Job that is about to be made. */
export function validateJob({ metadata, spec }: JobObject): readonly Cause[] {
  const template = spec.template.metadata;
  const selects = (spec as { readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> } })
    .selector;
  const ownSelector = { "batch.kubernetes.io/controller-uid": metadata.uid };
  const generated = isDeepStrictEqual(selects?.matchLabels, ownSelector);
  return [
    ...notNegative(spec.parallelism, "spec.parallelism"),
    ...notNegative(spec.completions, "spec.completions"),
    ...notNegative(spec.backoffLimit, "spec.backoffLimit"),
    ...notNegative(spec.activeDeadlineSeconds, "spec.activeDeadlineSeconds"),
    ...notNegative(spec.ttlSecondsAfterFinished, "spec.ttlSecondsAfterFinished"),
    ...(generated
      ? []
      : [
          {
            reason: "FieldValueInvalid" as const,
            field: "spec.selector",
            message: `Invalid value: ${JSON.stringify(selects)}: \`selector\` not auto-generated`,
          },
        ]),
    ...validateLabels(template.labels, "spec.template.labels"),
    ...validateAnnotations(template.annotations, "spec.template.annotations"),
    ...validatePodSpec(spec.template.spec, "spec.template.spec"),
    ...(["OnFailure", "Never"].includes(spec.template.spec.restartPolicy)
      ? []
      : [required("spec.template.spec.restartPolicy", 'valid values: "OnFailure", "Never"')]),
  ];
}

/** What may not change about a Job: its template, its completions, its selector. */
export function validateJobChange(job: JobObject, previous: JobObject): readonly Cause[] {
  return (["template", "completions", "selector", "completionMode", "podReplacementPolicy"] as const).flatMap(
    (field) => {
      const [before, after] = [previous.spec, job.spec].map(
        (spec) => (spec as unknown as Readonly<Record<string, unknown>>)[field],
      );
      if (isDeepStrictEqual(before, after)) return [];
      // A real server prints the whole template here; it may hold what nobody should see.
      return [invalidValue(`spec.${field}`, "(not shown)", "field is immutable")];
    },
  );
}

/** What is wrong with the spec of a pod. */
export function validatePodSpec(spec: PodSpec, path: string): readonly Cause[] {
  if (spec.containers.length === 0) return [required(`${path}.containers`)];
  const names = new Set<string>();
  return (["initContainers", "containers"] as const).flatMap((list) =>
    (spec[list] ?? []).flatMap((container, index) => validateContainer(container, `${path}.${list}[${index}]`, names)),
  );
}

function validateContainer(container: ContainerSpec, path: string, names: Set<string>): readonly Cause[] {
  const { name, image } = container as { readonly name?: string; readonly image?: string };
  const causes: Cause[] = [];
  if (name === undefined || name === "") causes.push(required(`${path}.name`));
  else causes.push(...validateDnsLabel(name, `${path}.name`));
  if (image === undefined || image === "") causes.push(required(`${path}.image`));
  for (const [resource, limit] of Object.entries(container.resources?.limits ?? {})) {
    const request = container.resources?.requests?.[resource];
    if (request !== undefined && quantity(request) > quantity(limit)) {
      causes.push(
        invalidValue(
          `${path}.resources.requests`,
          String(request),
          `must be less than or equal to ${resource} limit of ${limit}`,
        ),
      );
    }
  }
  if (name !== undefined && names.has(name)) {
    causes.push({
      reason: "FieldValueDuplicate",
      field: `${path}.name`,
      message: `Duplicate value: ${JSON.stringify(name)}`,
    });
  }
  if (name !== undefined) names.add(name);
  return causes;
}

/** Of a pod's spec only a few fields may change. */
export function validatePodChange(pod: PodObject, previous: PodObject): readonly Cause[] {
  const [before, after] = [previous.spec, pod.spec].map((spec) => ({
    ...spec,
    tolerations: undefined,
    activeDeadlineSeconds: undefined,
    terminationGracePeriodSeconds: undefined,
    containers: spec.containers.map((container) => ({ ...container, image: undefined })),
    initContainers: spec.initContainers?.map((container) => ({ ...container, image: undefined })),
  }));
  if (isDeepStrictEqual(before, after)) return [];
  return [
    forbiddenField(
      "spec",
      "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
    ),
  ];
}

function notNegative(value: number | undefined, field: string): readonly Cause[] {
  return value === undefined || value >= 0 ? [] : [invalidValue(field, value, "must be greater than or equal to 0")];
}
