import { type Scope, scopeName } from "../../domain/scope.ts";
import {
  AppPasswordUsed,
  BadAccessToken,
  BadApiToken,
  type BitbucketError,
  FlavourUnavailable,
  MissingScope,
  NoCallbackUrl,
  NotAdministrator,
  OAuthTokenRefused,
  PublicConsumer,
  RequestRefused,
  RunnerLimitReached,
  ServerFault,
  UnexpectedResponse,
  UnknownRepository,
  UnknownWorkspace,
  WrongClientCredentials,
} from "../errors.ts";
import type { Credentials } from "../port.ts";
import { type ErrorBody, readErrorBody } from "./error-body.ts";
import { askedWaitMs } from "./rate-limit.ts";
import type { ApiResponse } from "./send-once.ts";

/** A response that is no success. */
export type ErrorResponse = Omit<ApiResponse, "sentAt">;

/** What failed: enough to say what to do about it. */
export interface FailureContext {
  /** Method and route template, such as `GET /2.0/workspaces/{workspace}/pipelines-config/runners`. */
  readonly request: string;
  readonly credentials: Credentials["kind"];
  readonly redact: (text: string) => string;
  /** What is being looked up, or whose runners. */
  readonly target: Target;
}

/** What a request is about. */
export type Target =
  | { readonly kind: "workspace"; readonly name: string }
  | { readonly kind: "repository"; readonly name: string };

/** A scope, as what a request is about. */
export function targetOf(scope: Scope): Target {
  return { kind: scope.repository === undefined ? "workspace" : "repository", name: scopeName(scope) };
}

/** The error behind an API response that is no success. 429 is not among them: the client handles it. */
export function responseFailure(response: ErrorResponse, context: FailureContext): BitbucketError {
  const { status } = response;
  const { request, target } = context;
  const body = readErrorBody(response.text, context.redact);
  if ((status === 401 || status === 410) && aboutAppPasswords(body)) return new AppPasswordUsed(body.says);
  if (status === 400 && request.startsWith("POST") && /limit/i.test(body.says))
    return new RunnerLimitReached(target.name, body.says);
  if (status === 401) return credentialRefused(context.credentials, body);
  if (status === 403) return forbidden(body, request, target);
  if (status === 404) return unknownTarget(target, body);
  if (status === 410) return new FlavourUnavailable(request, status, body.says);
  if (status >= 500) return new ServerFault(request, status, body.says, askedWaitMs(response.headers));
  if (status >= 400) return new RequestRefused(request, status, body.says);
  if (status >= 300) return new UnexpectedResponse(request, `a redirection (status ${status})`);
  return new UnexpectedResponse(request, `status ${status}`);
}

/** The error behind a response of the token endpoint that is no success. */
export function tokenFailure(
  response: ErrorResponse,
  request: string,
  redact: (text: string) => string,
): BitbucketError {
  const { status } = response;
  const body = readErrorBody(response.text, redact);
  if (status >= 500) return new ServerFault(request, status, body.says, askedWaitMs(response.headers));
  if (status === 400 || status === 401) {
    if (/callback/i.test(body.says)) return new NoCallbackUrl(body.says);
    if (body.code === "invalid_grant" || /\bpublic\b/i.test(body.says)) return new PublicConsumer(body.says);
    return new WrongClientCredentials(body.says);
  }
  if (status >= 400) return new RequestRefused(request, status, body.says);
  return new UnexpectedResponse(request, `status ${status}`);
}

/**
 * Whether a 404 on one runner is about what holds the runner, and not about the runner itself. Bitbucket documents no codes, so this goes
 * by the words; where they do not tell, it is the runner, and the caller has to check that the scope still reads.
 */
export function isAboutScope(response: ErrorResponse): boolean {
  const { says } = readErrorBody(response.text, (text) => text);
  return /workspace|repository|account|team/i.test(says) && !/runner/i.test(says);
}

/** A 410 that is about the kind of credential, not about the route. */
export function isAboutAppPasswords(response: ErrorResponse): boolean {
  return aboutAppPasswords(readErrorBody(response.text, (text) => text));
}

function aboutAppPasswords(body: ErrorBody): boolean {
  return /app ?passwords?\b/i.test(body.says);
}

function credentialRefused(kind: Credentials["kind"], body: ErrorBody): BitbucketError {
  switch (kind) {
    case "oauth-consumer":
      return new OAuthTokenRefused(body.says);
    case "api-token":
      return new BadApiToken(body.says);
    case "access-token":
      return new BadAccessToken(body.says);
  }
}

function forbidden(body: ErrorBody, request: string, target: Target): BitbucketError {
  const lacksScope = body.required.length > 0 || /privilege scopes/i.test(body.says);
  return lacksScope
    ? new MissingScope(body.required, body.granted, request)
    : new NotAdministrator(target.name, body.says);
}

function unknownTarget(target: Target, body: ErrorBody): BitbucketError {
  const isRepository =
    target.kind === "repository" && !/\bno workspace\b|\bworkspace\b.*\bnot found\b/i.test(body.says);
  return isRepository ? new UnknownRepository(target.name, body.says) : new UnknownWorkspace(target.name, body.says);
}
