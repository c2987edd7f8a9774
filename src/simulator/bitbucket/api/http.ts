import { type HttpRequest, type Send, TransportError, textResponse } from "../../../http/transport.ts";
import { LAG_HEADER } from "../../faults.ts";
import { type Caller, missingScopes } from "../credentials.ts";
import type { ApiFlavour } from "../events.ts";
import type { BitbucketWorld } from "../world.ts";
import { PIPELINE_ROUTES } from "./pipeline-routes.ts";
import { PLACE_ROUTES } from "./place-routes.ts";
import { errorReply, httpDate, type Reply, textReply } from "./replies.ts";
import { type Call, matchPath, type PlacedCall, type Route } from "./route.ts";
import { RUNNER_ROUTES } from "./runner-routes.ts";
import { tokenReply } from "./token-endpoint.ts";

const TOKEN_PATH = "/site/oauth2/access_token";

/**
 * The world's REST API, whatever host it is asked under: `/2.0/…`, `/internal/…` and `/site/oauth2/access_token`. Each request is
 * answered at once, in the order of arrival; links to further pages carry the origin that the caller used.
 */
export function bitbucketHttp(world: BitbucketWorld): Send {
  const routes = [...RUNNER_ROUTES, ...PLACE_ROUTES, ...PIPELINE_ROUTES];
  return async (request) => {
    if (request.signal?.aborted) throw new TransportError("aborted before it was sent", "no");
    const reply = answer(world, routes, request);
    const date = world.behaviour.sendsDate ? { date: httpDate(world.clock.now()) } : {};
    return textResponse(reply.status, { ...date, ...reply.headers }, reply.text);
  };
}

/** What a request turned out to be, for the counters. */
interface Outcome {
  readonly reply: Reply;
  readonly route: string;
  readonly credential: string;
}

function answer(world: BitbucketWorld, routes: readonly Route[], request: HttpRequest): Reply {
  const url = new URL(request.url);
  if (url.pathname === TOKEN_PATH) {
    const authorization = request.headers.authorization;
    const form = { method: request.method, authorization, body: request.body ?? "" };
    const reply = tokenReply(form, world.credentials, world.random);
    world.traffic.record({
      flavour: "token",
      method: request.method,
      route: TOKEN_PATH,
      credential: "",
      status: reply.status,
    });
    return reply;
  }
  const segments = pathSegments(url);
  const [root] = segments ?? [];
  if (segments === undefined || (root !== "2.0" && root !== "internal")) {
    return errorReply(world.behaviour, 404, "Resource not found");
  }
  const flavour = root === "2.0" ? "public" : "internal";
  const { reply, route, credential } = throughTheDoor(world, routes, request, url, flavour, segments.slice(1));
  world.traffic.record({ flavour, method: request.method, route, credential, status: reply.status });
  return reply;
}

/** Authentication, rate limit, route, rights; then the route itself. */
function throughTheDoor(
  world: BitbucketWorld,
  routes: readonly Route[],
  request: HttpRequest,
  url: URL,
  flavour: ApiFlavour,
  segments: readonly string[],
): Outcome {
  const { behaviour } = world;
  const found = findRoute(routes, request.method, flavour, segments);
  const name = found?.route.path ?? "other";
  const caller = world.credentials.authenticate(request.headers.authorization);
  if (typeof caller === "string") {
    return { reply: errorReply(behaviour, 401, caller), route: name, credential: "" };
  }
  const outcome = (reply: Reply): Outcome => ({ reply, route: name, credential: caller.credential });

  const limited = behaviour.limitCovers === "everything" || segments[0] === "repositories";
  if (limited && !world.traffic.admit(caller.credential)) return outcome(overTheLimit(world, caller));
  if (flavour === "internal" && behaviour.internal !== "served") {
    return outcome(errorReply(behaviour, behaviour.internal, "This API is not available"));
  }
  if (found === undefined) return outcome(errorReply(behaviour, 404, "Resource not found"));

  let body: unknown;
  if (request.body !== undefined && request.body !== "") {
    try {
      body = JSON.parse(request.body);
    } catch {
      return outcome(errorReply(behaviour, 400, "Bad request", "The body is not JSON."));
    }
  }
  const lagMs = Number(request.headers[LAG_HEADER] ?? drawnLagMs(world));
  const call: Call = { world, caller, flavour, url, parameters: found.parameters, body, lagMs };
  const reply = rightsThenRoute(found.route, call);
  return outcome({ ...reply, headers: { ...reply.headers, ...limitHeaders(world, caller) } });
}

/** Nothing is drawn where no replica is behind: other histories stay as they are. */
function drawnLagMs({ behaviour, random }: BitbucketWorld): number {
  return behaviour.readLagMs === 0 ? 0 : random.next() * behaviour.readLagMs;
}

function rightsThenRoute(route: Route, call: Call): Reply {
  const { world, caller } = call;
  const { behaviour } = world;
  const placed = route.placed ? place(call) : call;
  if ("status" in placed) return placed;
  const required = missingScopes(caller, route.needs);
  if (required !== undefined) {
    const message = "Your credentials lack one or more required privilege scopes.";
    return errorReply(behaviour, 403, message, { required, granted: caller.rights.scopes });
  }
  if (!route.placed) return route.handle(call);
  const placedCall = placed as PlacedCall;
  if (route.guards === "runners") {
    if (!caller.rights.admin) {
      return errorReply(behaviour, 403, "You must be an administrator to do this.");
    }
    const scopeUuid = (placedCall.repository ?? placedCall.workspace).uuid;
    const suspension = world.places.suspension(scopeUuid);
    if (suspension !== undefined) return errorReply(behaviour, suspension, "Runners are not available here.");
  }
  return route.handle(placedCall);
}

/** The workspace and repository of a call's path, as far as the caller sees them. */
function place(call: Call): PlacedCall | Reply {
  const { world, caller, parameters } = call;
  const { rights } = caller;
  const workspace = world.places.workspace(parameters.workspace ?? "");
  const visible =
    workspace !== undefined &&
    (rights.workspaces === undefined ||
      rights.workspaces.some((ref) => ref === workspace.slug || ref === workspace.uuid));
  if (!visible) {
    return errorReply(world.behaviour, 404, `No workspace with identifier '${parameters.workspace ?? ""}'.`);
  }
  if (parameters.repository === undefined) {
    return rights.repositoryUuid === undefined
      ? { ...call, workspace }
      : errorReply(world.behaviour, 403, "This token is for one repository only.");
  }
  const repository = world.places.repository(workspace, parameters.repository);
  if (repository === undefined || (rights.repositoryUuid ?? repository.uuid) !== repository.uuid) {
    const fullName = `${workspace.slug}/${parameters.repository}`;
    return errorReply(world.behaviour, 404, `Repository ${fullName} not found`);
  }
  return { ...call, workspace, repository };
}

function findRoute(
  routes: readonly Route[],
  method: string,
  flavour: ApiFlavour,
  segments: readonly string[],
): { readonly route: Route; readonly parameters: Readonly<Record<string, string>> } | undefined {
  for (const route of routes) {
    if (route.method !== method || !route.flavours.includes(flavour)) continue;
    const parameters = matchPath(route.path, segments);
    if (parameters !== undefined) return { route, parameters };
  }
  return undefined;
}

function overTheLimit(world: BitbucketWorld, caller: Caller): Reply {
  const { retryAfterSeconds } = world.behaviour;
  return textReply(429, "Rate limit for this resource has been exceeded", {
    ...(retryAfterSeconds !== undefined && { "retry-after": String(retryAfterSeconds) }),
    ...limitHeaders(world, caller),
  });
}

/** Only access tokens are told about their limit. */
function limitHeaders({ behaviour, traffic }: BitbucketWorld, caller: Caller): Record<string, string> {
  if (caller.kind !== "access-token") return {};
  const left = behaviour.requestsPerHour - traffic.inLastHour(caller.credential);
  return {
    "x-ratelimit-limit": String(behaviour.requestsPerHour),
    "x-ratelimit-resource": "api",
    "x-ratelimit-nearlimit": String(left < behaviour.requestsPerHour / 5),
  };
}

/** The decoded parts of a path, or undefined when it is not well encoded. */
function pathSegments(url: URL): readonly string[] | undefined {
  try {
    return url.pathname
      .split("/")
      .filter((segment) => segment !== "")
      .map(decodeURIComponent);
  } catch {
    return undefined;
  }
}
