/** What replaces whatever must not be seen. */
export const REDACTED = "[redacted]";

/** Names whose values are secrets, in any spelling and case; also as part of a longer name such as BITBUCKET_OAUTH_CLIENT_SECRET. */
const SECRET_NAME =
  "(?:client_?secret|access_?token|refresh_?token|id_?token|api_?token|app_?password|password|passwd|private_?key|authorization)(?:_base64)?";

const SECRET_FIELD = new RegExp(`${SECRET_NAME}$|^(?:token|cookie|set-cookie)$`, "i");

/** Whether a field of that name holds a secret whatever its value looks like. */
export function isSecretField(name: string): boolean {
  return SECRET_FIELD.test(name);
}

/** A quote, or one escaped once or more, as in JSON within JSON. */
const QUOTE = `\\\\*["']`;

/** One word that only texts with a secret's shape contain: most texts pass with this one look. */
const HINT = /bearer|basic|secret|token|password|passwd|private.?key|authorization|oauth_client|:\/\/|eyJ|AT[ABCO]/i;

const SHAPES: readonly (readonly [shape: RegExp, replacement: string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[^"]*?(?:-----END [A-Z ]*PRIVATE KEY-----|(?=")|$)/g, REDACTED],
  // Authorization: Basic xyz, and as an object's field
  [
    new RegExp(
      `(authorization(?:${QUOTE})?\\s*[:=]\\s*(?:${QUOTE})?)(?:(?:bearer|basic|token)\\s+)?[^\\s"'\\\\,}]+`,
      "gi",
    ),
    `$1${REDACTED}`,
  ],
  // A capital or a digit tells a credential from prose such as "basic authentication".
  [/\b([Bb]earer|[Bb]asic|BEARER|BASIC)\s+(?=[\w+/=.~-]*[A-Z0-9=])[\w+/=.~-]{6,}/g, `$1 ${REDACTED}`],
  // client_secret=xyz in forms and URLs
  [new RegExp(`(${SECRET_NAME}=)[^\\s"'\\\\&,;}\\]]+`, "gi"), `$1${REDACTED}`],
  // "client_secret": "xyz" in JSON
  [new RegExp(`(${SECRET_NAME}(?:${QUOTE})?\\s*:\\s*${QUOTE})[^"'\\\\]+`, "gi"), `$1${REDACTED}`],
  // client_secret: xyz in YAML; prose after a colon has shorter words
  [new RegExp(`(${SECRET_NAME}\\s*:\\s*)(?=[\\w+/=.~-]*\\d)[\\w+/=.~-]{16,}`, "gi"), `$1${REDACTED}`],
  // Bitbucket's reply to a registration
  [new RegExp(`(oauth_client${QUOTE}\\s*:\\s*)\\{[^{}]*\\}?`, "gi"), `$1${REDACTED}`],
  // https://user:password@host
  [/(:\/\/)[^\s/@"'<>\\]+@/g, `$1${REDACTED}@`],
  // JSON Web Tokens
  [/\beyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?/g, REDACTED],
  // Atlassian's API tokens, access tokens, app passwords and consumer secrets
  [/\bAT(?:ATT|CTT|BB|OA)[\w=-]{16,}/g, REDACTED],
];

/** Masks what looks like a secret, known or not. */
export function maskShapes(text: string): string {
  if (!HINT.test(text)) return text;
  return SHAPES.reduce((masked, [shape, replacement]) => masked.replace(shape, replacement), text);
}
