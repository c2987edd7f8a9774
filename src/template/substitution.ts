import { faultsOf, type OwnMarks } from "./checks.ts";
import type { Manifest } from "./manifests.ts";
import { type Objects, skeletonOf } from "./skeleton.ts";
import type { TemplateText } from "./template-text.ts";
import type { Variables } from "./variables.ts";

/** Groups whose skeletons are kept: more than any configuration has. */
const MOST_GROUPS = 1_000;

/**
 * Makes a runner's objects by putting its values into those of its group, where that is proven to be the same as a rendering
 * ({@link skeletonOf}). A group's first runner is always rendered as a whole; the second pays for the proof.
 *
 * @returns what gives the objects; undefined when the runner has to be rendered, because there is no proof or because something is wrong with it
 */
export function substitution(text: TemplateText): (variables: Variables, own: OwnMarks) => Objects | undefined {
  const skeletons = new Map<string, ReturnType<typeof skeletonOf> | "seen">();
  const skeletonFor = (variables: Variables) => {
    const group = JSON.stringify({ ...variables, ...NO_RUNNER });
    const known = skeletons.get(group);
    if (known !== "seen" && skeletons.has(group)) return known;
    if (skeletons.size >= MOST_GROUPS) skeletons.clear();
    const skeleton = known === "seen" ? skeletonOf(text, variables) : undefined;
    skeletons.set(group, known === "seen" ? skeleton : "seen");
    return skeleton;
  };
  return (variables, own) => {
    const objects = skeletonFor(variables)?.(variables);
    if (objects === undefined) return undefined;
    const manifests = { secret: withoutPlaces(objects.secret), job: withoutPlaces(objects.job) };
    return faultsOf(manifests, variables, own).length === 0 ? objects : undefined;
  };
}

const NO_RUNNER = { runner_uuid: "", oauth_client_id_base64: "", oauth_client_secret_base64: "" };

function withoutPlaces(object: Manifest["object"]): Manifest {
  return { object, offsetOf: () => 0 };
}
