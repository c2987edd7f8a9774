import type { Caller, NeededScopes } from "../credentials.ts";
import type { ApiFlavour } from "../events.ts";
import type { Repository, Workspace } from "../places.ts";
import type { BitbucketWorld } from "../world.ts";
import type { Reply } from "./replies.ts";

/** A request that passed the door: known caller, existing workspace and repository, sufficient rights. */
export interface Call {
  readonly world: BitbucketWorld;
  readonly caller: Caller;
  readonly flavour: ApiFlavour;
  /** As it came, for links to further pages. */
  readonly url: URL;
  /** The path's variable parts, decoded. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The JSON body; undefined when there is none. */
  readonly body: unknown;
  /** Reads show what was so that long ago. */
  readonly lagMs: number;
}

/** Calls of routes whose path names a workspace, and maybe a repository. */
export interface PlacedCall extends Call {
  readonly workspace: Workspace;
  readonly repository?: Repository;
}

interface RouteFacts {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** `:name` stands for one variable part; `*rest` for all that follows. */
  readonly path: string;
  readonly flavours: readonly ApiFlavour[];
  readonly needs: NeededScopes;
}

export type Route =
  | (RouteFacts & { readonly placed: false; handle(call: Call): Reply })
  /** "runners": for administrators of the workspace or repository only, and nobody while it is suspended. */
  | (RouteFacts & {
      readonly placed: true;
      readonly guards: "readers" | "runners";
      handle(call: PlacedCall): Reply;
    });

/** The variable parts of a path that a route's pattern fits, or undefined. */
export function matchPath(pattern: string, segments: readonly string[]): Readonly<Record<string, string>> | undefined {
  const parameters: Record<string, string> = {};
  const wanted = pattern.split("/");
  for (const [i, part] of wanted.entries()) {
    const segment = segments[i];
    if (segment === undefined) return undefined;
    if (part.startsWith("*")) {
      parameters[part.slice(1)] = segments.slice(i).join("/");
      return parameters;
    }
    if (part.startsWith(":")) parameters[part.slice(1)] = segment;
    else if (part !== segment) return undefined;
  }
  return wanted.length === segments.length ? parameters : undefined;
}
