import type { KubeObject, Labels, OwnerReference } from "../../objects.ts";
import type { Resource } from "../../resources.ts";
import type { Cause } from "../api-error.ts";

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const QUALIFIED_NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const STANDARD_FINALIZERS = ["kubernetes", "orphan", "foregroundDeletion"];
const LARGEST_ANNOTATIONS = 256 * 1024;

const LABEL_RULE =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const KEY_RULE =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const VALUE_RULE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

/** What is wrong with the metadata of an object that is about to be made or changed. */
export function validateMetadata(resource: Resource, { metadata }: KubeObject): readonly Cause[] {
  return [
    ...validateName(resource, metadata.name),
    ...validateLabels(metadata.labels, "metadata.labels"),
    ...validateAnnotations(metadata.annotations, "metadata.annotations"),
    ...(metadata.ownerReferences ?? []).flatMap(validateOwner),
    ...validateControllers(metadata.ownerReferences ?? []),
    ...(metadata.finalizers ?? []).flatMap(validateFinalizer),
  ];
}

function validateName(resource: Resource, name: string): readonly Cause[] {
  if (name === "") return [required("metadata.name", "name or generateName is required")];
  return resource.name === "namespaces" ? validateDnsLabel(name, "metadata.name") : validateSubdomain(name);
}

/** A name that must fit into one label of a host name: namespaces, containers. */
export function validateDnsLabel(name: string, field: string): readonly Cause[] {
  if (name.length > 63) return [invalidValue(field, name, "must be no more than 63 characters")];
  return DNS_LABEL.test(name) ? [] : [invalidValue(field, name, LABEL_RULE)];
}

function validateSubdomain(name: string): readonly Cause[] {
  if (name.length > 253) return [invalidValue("metadata.name", name, "must be no more than 253 characters")];
  return DNS_SUBDOMAIN.test(name) ? [] : [invalidValue("metadata.name", name, SUBDOMAIN_RULE)];
}

/** Keys and values of labels. */
export function validateLabels(labels: Labels | undefined, field: string): readonly Cause[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...validateKey(key, field),
    ...(value.length > 63 ? [invalidValue(field, value, "must be no more than 63 characters")] : []),
    ...(LABEL_VALUE.test(value) ? [] : [invalidValue(field, value, VALUE_RULE)]),
  ]);
}

/** Keys of annotations, and their size altogether. */
export function validateAnnotations(annotations: Labels | undefined, field: string): readonly Cause[] {
  const entries = Object.entries(annotations ?? {});
  const size = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  return [
    ...entries.flatMap(([key]) => validateKey(key, field)),
    ...(size > LARGEST_ANNOTATIONS ? [tooLong(field, LARGEST_ANNOTATIONS)] : []),
  ];
}

function validateKey(key: string, field: string): readonly Cause[] {
  const [name = "", prefix, ...more] = key.split("/").toReversed();
  const causes: Cause[] = [];
  if (more.length > 0 || name === "") {
    causes.push(invalidValue(field, key, "a qualified name must consist of a name and an optional DNS prefix"));
  } else if (name.length > 63) {
    causes.push(invalidValue(field, key, "name part must be no more than 63 characters"));
  } else if (!QUALIFIED_NAME.test(name)) {
    causes.push(invalidValue(field, key, KEY_RULE));
  }
  if (prefix !== undefined && !DNS_SUBDOMAIN.test(prefix)) {
    causes.push(invalidValue(field, key, `prefix part ${SUBDOMAIN_RULE}`));
  }
  return causes;
}

function validateOwner(owner: OwnerReference): readonly Cause[] {
  return (["apiVersion", "kind", "name", "uid"] as const)
    .filter((field) => typeof owner[field] !== "string" || owner[field] === "")
    .map((field) => invalidValue(`metadata.ownerReferences.${field}`, "", "must not be empty"));
}

function validateControllers(owners: readonly OwnerReference[]): readonly Cause[] {
  const controllers = owners.filter((owner) => owner.controller === true);
  if (controllers.length < 2) return [];
  return [
    {
      reason: "FieldValueInvalid",
      field: "metadata.ownerReferences",
      message: `Invalid value: ${JSON.stringify(owners)}: Only one reference can have Controller set to true. Found "true" in references for ${controllers.map(({ name }) => name).join(" and ")}`,
    },
  ];
}

function validateFinalizer(finalizer: string, index: number): readonly Cause[] {
  if (finalizer.includes("/") || STANDARD_FINALIZERS.includes(finalizer)) return [];
  return [
    invalidValue(
      `metadata.finalizers[${index}]`,
      finalizer,
      "name is neither a standard finalizer name nor is it fully qualified",
    ),
  ];
}

/** Cause: a value that is there but wrong. */
export function invalidValue(field: string, value: string | number, rule: string): Cause {
  return { reason: "FieldValueInvalid", field, message: `Invalid value: ${JSON.stringify(value)}: ${rule}` };
}

/** Cause: a value that is missing. */
export function required(field: string, rule?: string): Cause {
  return {
    reason: "FieldValueRequired",
    field,
    message: rule === undefined ? "Required value" : `Required value: ${rule}`,
  };
}

/** Cause: a change that is not allowed. */
export function forbiddenField(field: string, rule: string): Cause {
  return { reason: "FieldValueForbidden", field, message: `Forbidden: ${rule}` };
}

/** Cause: too many bytes. */
export function tooLong(field: string, bytes: number): Cause {
  return { reason: "FieldValueTooLong", field, message: `Too long: may not be more than ${bytes} bytes` };
}
