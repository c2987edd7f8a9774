/** What the server offers, for people who open it in a browser or with curl. */
export const ENDPOINTS = [
  ["/healthz", "whether the process is alive"],
  ["/readyz", "whether the process does its work, and if not, why"],
  ["/metrics", "numbers for Prometheus"],
  ["/api/v1/state", "groups, runners, last decisions with their reasons, what failed"],
  ["/api/v1/version", "which process runs, and its version"],
] as const;

export function indexText(title: string): string {
  return [title, "", ...ENDPOINTS.map(([path, what]) => `${path.padEnd(18)}${what}`), ""].join("\n");
}

/** @param title Text that is safe in HTML. */
export function indexHtml(title: string): string {
  const items = ENDPOINTS.map(([path, what]) => `<li><a href="${path}">${path}</a>: ${what}</li>`);
  return [
    "<!doctype html>",
    '<html lang="en">',
    `<head><meta charset="utf-8"><title>${title}</title></head>`,
    `<body><h1>${title}</h1><ul>`,
    ...items,
    "</ul></body>",
    "</html>",
    "",
  ].join("\n");
}
