const NAMESPACE = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Whether Kubernetes takes a text for a namespace's name. */
export function isNamespaceName(text: string): boolean {
  return NAMESPACE.test(text);
}
