import { fileURLToPath } from "node:url";

/** `KUBECONFIG` for processes that end before they would connect. */
export const UNUSED_KUBECONFIG = { KUBECONFIG: fileURLToPath(new URL("kubeconfig.yaml", import.meta.url)) };
