import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const KUSTOMIZE = fileURLToPath(new URL("../../kustomize", import.meta.url));
const SEED = fileURLToPath(new URL("fixtures/seed", import.meta.url));

/** The users' two overlays as their guide shows them, word for word, and the one that this repository ships. */
export const OVERLAYS = ["oauth", "api-token", "shipped"] as const;
export type Overlay = (typeof OVERLAYS)[number];

/** What stands in the Secret once an overlay is built, decoded. */
export const CREDENTIALS: Readonly<Record<Overlay, Readonly<Record<string, string>>>> = {
  oauth: { bitbucketOauthClientId: "a-client", bitbucketOauthClientSecret: "its secret" },
  "api-token": { atlassianAccountEmail: "somebody@example.com", atlassianApiToken: "a-token" },
  shipped: { bitbucketOauthClientId: "<client-id>", bitbucketOauthClientSecret: "<client-secret>" },
};

const PLACEHOLDERS: Readonly<Record<string, string>> = {
  "<BASE64_CLIENT_ID>": "a-client",
  "<BASE64_CLIENT_SECRET>": "its secret",
  "<BASE64_EMAIL>": "somebody@example.com",
  "<BASE64_API_TOKEN>": "a-token",
};

/** A scratch copy of `kustomize/` with the overlay as its `values/`, placeholders filled; `folder` is for `kubectl apply -k`. */
export interface OverlayCopy {
  readonly folder: string;
  /** Changes one of the overlay's files. */
  edit(file: "kustomization.yaml" | "runners_config.yaml", change: (text: string) => string): Promise<void>;
  readonly remove: () => Promise<void>;
}

/** Copies an overlay; see {@link OverlayCopy}. */
export async function copyOverlay(overlay: Overlay): Promise<OverlayCopy> {
  const scratch = await mkdtemp(join(tmpdir(), "overlay-"));
  const folder = join(scratch, "values");
  const edit: OverlayCopy["edit"] = async (file, change) => {
    const path = join(folder, file);
    await writeFile(path, change(await readFile(path, "utf8")));
  };

  await cp(join(KUSTOMIZE, "base"), join(scratch, "base"), { recursive: true });
  if (overlay === "shipped") {
    await cp(join(KUSTOMIZE, "values"), folder, { recursive: true });
  } else {
    await mkdir(folder);
    await cp(join(SEED, "runners_config.yaml"), join(folder, "runners_config.yaml"));
    await cp(join(SEED, overlay, "kustomization.yaml"), join(folder, "kustomization.yaml"));
    await edit("kustomization.yaml", fillPlaceholders);
  }
  return { folder, edit, remove: () => rm(scratch, { recursive: true, force: true }) };
}

function fillPlaceholders(text: string): string {
  return text.replace(/<BASE64_\w+>/g, (placeholder) =>
    Buffer.from(PLACEHOLDERS[placeholder] ?? placeholder).toString("base64"),
  );
}
