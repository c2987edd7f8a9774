import type { Clock } from "../../support/clock.ts";
import type { Log } from "../../support/log.ts";
import type { ReadTextFile } from "../../support/read-file.ts";
import { Secret } from "../../support/secret.ts";
import type { CredentialSource } from "./credentials.ts";
import { type RotatingFile, rotatingFile } from "./rotating-file.ts";

/** What file credentials are read with. */
export interface FileDependencies {
  readonly readFile: ReadTextFile;
  readonly clock: Clock;
  readonly log: Log;
}

/** A bearer token in a file, as a kubelet projects and renews it. */
export function tokenFileCredentials(path: string, { readFile, clock, log }: FileDependencies): CredentialSource {
  const file = rotatingFile(path, readFile, clock, log);
  return {
    current: async () => ({ token: new Secret(await file.read()) }),
    refused: () => file.forget(),
  };
}

/** PEM in the kubeconfig itself, or in a file. */
export type Pem = { readonly text: string } | { readonly path: string };

/** A client certificate and its key; files are read again as tokens are. */
export function certificateCredentials(cert: Pem, key: Pem, reading: FileDependencies): CredentialSource {
  const files = [cert, key].map((pem) => pemSource(pem, reading));
  return {
    async current() {
      const [certText = "", keyText = ""] = await Promise.all(files.map((file) => file.read()));
      return { identity: { cert: certText, key: new Secret(keyText) } };
    },
    refused() {
      for (const file of files) file.forget();
    },
  };
}

function pemSource(pem: Pem, { readFile, clock, log }: FileDependencies): RotatingFile {
  if ("path" in pem) return rotatingFile(pem.path, readFile, clock, log);
  return { read: async () => pem.text, forget: () => {} };
}
