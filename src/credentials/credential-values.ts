import type { Diagnostic } from "../diagnostics/diagnostic.ts";

/** What a variable holds. */
export type CredentialRole = "client id" | "client secret" | "e-mail" | "API token" | "access token";

/** Why a value is wrong, or probably wrong; nothing about the value itself, which may be a secret. */
export interface ValueProblem extends Diagnostic {
  readonly code: "placeholder" | "base64" | "inner-space" | "not-an-email" | "other-kind";
  readonly remedy: string;
}

const RE_ENCODE =
  "Encode the plain value once (printf %s 'VALUE' | base64) for the Secret's `data`; Kubernetes decodes it itself.";

const PLACEHOLDERS = [
  /^<[^]*>$/,
  /^\$[({][^]*[)}]$/,
  /^\{\{[^]*\}\}$/,
  /^(?:change|replace)[-_ ]?me$/i,
  /^(?:todo|tbd|none|null|undefined)$/i,
  /^(?:x{3,}|\*{3,}|\.{3,})$/i,
  /^your[-_ ]/i,
  /^base64[-_]/i,
  /^(?:client[-_]?id|client[-_]?secret|api[-_]?token|access[-_]?token|e?[-_]?mail)$/i,
];

/** Looks at one value, without surrounding space, for the mistakes that people make with it. The first one found. */
export function valueProblem(value: string, role: CredentialRole): ValueProblem | undefined {
  return (
    placeholder(value, role) ??
    base64(value, role) ??
    innerSpace(value, role) ??
    noEmail(value, role) ??
    otherKind(value, role)
  );
}

function placeholder(value: string, role: CredentialRole): ValueProblem | undefined {
  if (!isPlaceholder(value)) return undefined;
  const message = "still holds the placeholder text of an example";
  return { severity: "error", code: "placeholder", message, remedy: `Put the real ${role} in its place.` };
}

function isPlaceholder(value: string): boolean {
  return PLACEHOLDERS.some((pattern) => pattern.test(value));
}

/**
 * A value that was encoded twice, or never decoded. Real ids and secrets are letters and digits as well, so that looking like base64
 * is no evidence; what it decodes to is: 24 random bytes are all printable once in 10¹⁰.
 */
function base64(value: string, role: CredentialRole): ValueProblem | undefined {
  const text = decoded(value.replaceAll(/\s/g, ""));
  if (text === undefined) return undefined;
  if (isPlaceholder(text)) {
    const message = "holds the placeholder text of an example, base64-encoded";
    return { severity: "error", code: "placeholder", message, remedy: `Encode the real ${role} instead.` };
  }
  if (hasShape(text, role)) {
    return { severity: "error", code: "base64", message: "is still base64-encoded", remedy: RE_ENCODE };
  }
  if (text.length < 12) return undefined;
  return {
    severity: "warning",
    code: "base64",
    message: "looks as if it were still base64-encoded",
    remedy: RE_ENCODE,
  };
}

/** What printable text the value is the base64 form of, without the line break that `echo` adds. */
function decoded(value: string): string | undefined {
  if (!/^(?:[A-Za-z0-9+/]{4})+$|^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)$/.test(value))
    return undefined;
  const bytes = Buffer.from(value, "base64");
  if (bytes.toString("base64") !== value) return undefined;
  const text = bytes.toString("latin1").replace(/[\r\n]+$/, "");
  return /^[\x20-\x7e]+$/.test(text) ? text : undefined;
}

/** Whether a text is what such values look like: Bitbucket's consumers have keys of 18 and secrets of 32 letters and digits. */
function hasShape(text: string, role: CredentialRole): boolean {
  switch (role) {
    case "client id":
      return /^[A-Za-z0-9]{18}$/.test(text);
    case "client secret":
      return /^[A-Za-z0-9]{32}$/.test(text);
    case "e-mail":
      return isEmail(text);
    case "API token":
    case "access token":
      return /^AT[A-Z]{2,3}[0-9A-Za-z_=-]{16,}$/.test(text);
  }
}

function innerSpace(value: string, role: CredentialRole): ValueProblem | undefined {
  if (!/[\s\u0000-\u001f\u007f]/.test(value)) return undefined;
  const message = "contains a space, a line break or a control character";
  return {
    severity: "error",
    code: "inner-space",
    message,
    remedy: `Copy the ${role} again, on one line and without quotes.`,
  };
}

function noEmail(value: string, role: CredentialRole): ValueProblem | undefined {
  if (role !== "e-mail" || isEmail(value)) return undefined;
  const message = value.includes("@") ? "is not an e-mail address" : "has no @: it is not an e-mail address";
  return {
    severity: "error",
    code: "not-an-email",
    message,
    remedy: "Use the e-mail address of the Atlassian account, not its user name.",
  };
}

function isEmail(text: string): boolean {
  return /^[^\s@]+@[^\s@]+$/.test(text);
}

/** Atlassian's secrets begin with their kind. */
function otherKind(value: string, role: CredentialRole): ValueProblem | undefined {
  if (role === "API token" && value.startsWith("ATCTT")) {
    const remedy = "Set BITBUCKET_ACCESS_TOKEN to it instead, without an e-mail.";
    return { severity: "warning", code: "other-kind", message: "looks like an access token", remedy };
  }
  if (role === "access token" && value.startsWith("ATATT")) {
    const remedy = "Set ATLASSIAN_API_TOKEN to it instead, and ATLASSIAN_ACCOUNT_EMAIL.";
    return { severity: "warning", code: "other-kind", message: "looks like an API token", remedy };
  }
  if ((role === "API token" || role === "access token") && value.startsWith("ATBB")) {
    const remedy = "App passwords stopped working on 2026-07-28: create an API token and use that.";
    return { severity: "warning", code: "other-kind", message: "looks like an app password", remedy };
  }
  return undefined;
}
