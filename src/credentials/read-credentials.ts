import type { Credentials } from "../bitbucket/port.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { errorCode } from "../support/errors.ts";
import type { ReadFile } from "../support/read-file.ts";
import { Secret } from "../support/secret.ts";
import { type CredentialRole, type ValueProblem, valueProblem } from "./credential-values.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** What is wrong with a credential, and what to do. Never a value. The variable is empty when none is set. */
export interface CredentialProblem extends Diagnostic {
  readonly code: CredentialCode;
  readonly variable: string;
  readonly remedy: string;
}

type CredentialCode =
  | ValueProblem["code"]
  | "none"
  | "ambiguous"
  | "incomplete"
  | "empty"
  | "set-twice"
  | "file-unreadable"
  | "surrounding-space"
  | "app-password";

export interface CredentialReading {
  /** There exactly when no problem is an error. */
  readonly credentials: Credentials | undefined;
  readonly problems: readonly CredentialProblem[];
}

interface Variable {
  readonly name: string;
  readonly role: CredentialRole;
}

interface Way {
  readonly variables: readonly Variable[];
  /** From the values of the variables, in their order. */
  make(values: readonly string[]): Credentials;
}

/** The ways to authenticate, in the order in which they are recommended. */
const WAYS: readonly Way[] = [
  {
    variables: [
      { name: "BITBUCKET_OAUTH_CLIENT_ID", role: "client id" },
      { name: "BITBUCKET_OAUTH_CLIENT_SECRET", role: "client secret" },
    ],
    make: ([id = "", secret = ""]) => ({ kind: "oauth-consumer", clientId: id, clientSecret: new Secret(secret) }),
  },
  {
    variables: [
      { name: "ATLASSIAN_ACCOUNT_EMAIL", role: "e-mail" },
      { name: "ATLASSIAN_API_TOKEN", role: "API token" },
    ],
    make: ([email = "", token = ""]) => ({ kind: "api-token", email, token: new Secret(token) }),
  },
  {
    variables: [{ name: "BITBUCKET_ACCESS_TOKEN", role: "access token" }],
    make: ([token = ""]) => ({ kind: "access-token", token: new Secret(token) }),
  },
];
const APP_PASSWORD = ["BITBUCKET_USERNAME", "BITBUCKET_APP_PASSWORD"] as const;
const CHOICES =
  "BITBUCKET_OAUTH_CLIENT_ID and BITBUCKET_OAUTH_CLIENT_SECRET, or ATLASSIAN_ACCOUNT_EMAIL and ATLASSIAN_API_TOKEN, or BITBUCKET_ACCESS_TOKEN";

/** Whether the environment says anything about credentials at all. */
export function mentionsCredentials(env: Env): boolean {
  const names = [...WAYS.flatMap(({ variables }) => variables.map(({ name }) => name)), ...APP_PASSWORD];
  return names.some((name) => env[name] !== undefined || env[`${name}_FILE`] !== undefined);
}

/**
 * The credentials that the environment holds, or names the files of (`…_FILE`): exactly one way to authenticate must be complete.
 * Never rejects.
 */
export async function readCredentials(env: Env, readFile: ReadFile): Promise<CredentialReading> {
  const ways = await Promise.all(WAYS.map((way) => readWay(way, env, readFile)));
  const complete = ways.filter((way) => way.held.every(isFilled));
  const others = ways.filter((way) => !complete.includes(way));
  const [only, ...more] = complete;
  const problems = [
    ...ways.flatMap((way) => way.held.flatMap(({ problem }) => problem ?? [])),
    ...appPassword(env, complete.length > 0),
  ];
  if (only === undefined) {
    problems.push(...incomplete(others, problems.length > 0));
  } else if (more.length > 0) {
    problems.push(ambiguous(complete));
  } else {
    problems.push(...only.held.flatMap(inspected), ...leftOver(others));
  }
  const failed = problems.some(({ severity }) => severity === "error");
  const values = only?.held.map(({ value }) => (value ?? "").trim()) ?? [];
  return { credentials: failed || only === undefined ? undefined : only.way.make(values), problems };
}

/** One variable as it was found. */
interface Held {
  /** With `_FILE` when the value came from there. */
  readonly name: string;
  readonly role: CredentialRole;
  /** Undefined when it is not set, or could not be read: then `problem` says so. */
  readonly value: string | undefined;
  readonly problem?: CredentialProblem;
}

interface HeldWay {
  readonly way: Way;
  readonly held: readonly Held[];
}

async function readWay(way: Way, env: Env, readFile: ReadFile): Promise<HeldWay> {
  return { way, held: await Promise.all(way.variables.map((variable) => readVariable(variable, env, readFile))) };
}

async function readVariable({ name, role }: Variable, env: Env, readFile: ReadFile): Promise<Held> {
  const direct = env[name];
  const fileVariable = `${name}_FILE`;
  const path = env[fileVariable];
  if (path === undefined || path === "") return { name, role, value: direct };
  if (direct !== undefined && direct !== "") {
    const variable = `${name}, ${fileVariable}`;
    const problem = error("set-twice", variable, "are both set", "Unset one of the two.");
    return { name, role, value: undefined, problem };
  }
  try {
    // The line break that editors and `echo` put at the end of a file is not part of the value.
    const value = new TextDecoder().decode(await readFile(path)).replace(/\r?\n$/, "");
    return { name: fileVariable, role, value };
  } catch (cause) {
    const message = `names a file that cannot be read (${errorCode(cause)})`;
    const remedy = "Check the path, and that the Secret is mounted there and readable.";
    return { name, role, value: undefined, problem: error("file-unreadable", fileVariable, message, remedy) };
  }
}

/** What is wrong with the values of the one complete way. */
function inspected({ name, role, value = "" }: Held): CredentialProblem[] {
  const problems: CredentialProblem[] = [];
  if (value !== value.trim()) {
    problems.push({
      severity: "warning",
      code: "surrounding-space",
      variable: name,
      message: /[\r\n]$/.test(value)
        ? "ends with a line break, which was ignored"
        : "has spaces around it, which were ignored",
      remedy: "Encode the value without one: printf %s 'VALUE' | base64 (or echo -n).",
    });
  }
  const problem = valueProblem(value.trim(), role);
  return problem === undefined ? problems : [...problems, { ...problem, variable: name }];
}

function ambiguous(complete: readonly HeldWay[]): CredentialProblem {
  const variable = complete.flatMap(({ held }) => held.map(({ name }) => name)).join(", ");
  return error("ambiguous", variable, "give more than one way to authenticate", `Keep one of them: ${CHOICES}.`);
}

/** No way is complete: what is missing of those that were begun, or that none was. */
function incomplete(ways: readonly HeldWay[], explained: boolean): CredentialProblem[] {
  const begun = ways.filter(({ held }) => held.some(isFilled));
  const mentioned = ways.filter(({ held }) => held.some(({ value }) => value !== undefined));
  const concerned = begun.length > 0 ? begun : mentioned;
  const problems = concerned.flatMap(({ held }) => held.flatMap((variable) => lacking(variable, held)));
  if (problems.length > 0 || explained) return problems;
  return [error("none", "", "no credentials are set", `Set ${CHOICES}.`)];
}

function lacking({ name, value, problem }: Held, held: readonly Held[]): CredentialProblem[] {
  if (value?.trim() === "") {
    return [error("empty", name, "is empty", "Fill it in, or unset it; in a Secret, check the key's name and value.")];
  }
  if (value !== undefined || problem !== undefined) return [];
  const partners = held.filter((other) => other.name !== name).map((other) => other.name);
  return [
    error(
      "incomplete",
      name,
      `is not set, but ${partners.join(", ")} is`,
      "Set both, or use another way to authenticate.",
    ),
  ];
}

/** Parts of other ways beside a complete one: ignored, with a warning, unless they are only empty. */
function leftOver(ways: readonly HeldWay[]): CredentialProblem[] {
  return ways.flatMap(({ held }) => {
    const filled = held.filter(isFilled).map(({ name }) => name);
    if (filled.length === 0) return [];
    const message = "is only a part of a second way to authenticate, and is ignored";
    return [
      { severity: "warning", code: "incomplete", variable: filled.join(", "), message, remedy: "Unset it." } as const,
    ];
  });
}

function appPassword(env: Env, another: boolean): CredentialProblem[] {
  const set = APP_PASSWORD.filter((name) => env[name] || env[`${name}_FILE`]);
  if (set.length === 0) return [];
  const message = `${set.length > 1 ? "are" : "is"} for app passwords, which stopped working on 2026-07-28`;
  const remedy = another
    ? "Unset it: it is no longer read."
    : "Create an API token (ATLASSIAN_ACCOUNT_EMAIL and ATLASSIAN_API_TOKEN) or an OAuth consumer (BITBUCKET_OAUTH_CLIENT_ID and BITBUCKET_OAUTH_CLIENT_SECRET).";
  const severity = another ? "warning" : "error";
  return [{ severity, code: "app-password", variable: set.join(", "), message, remedy }];
}

function isFilled({ value }: Held): boolean {
  return value !== undefined && value.trim() !== "";
}

function error(code: CredentialCode, variable: string, message: string, remedy: string): CredentialProblem {
  return { severity: "error", code, variable, message, remedy };
}
