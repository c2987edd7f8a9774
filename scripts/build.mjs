// Bundles the program into one file that needs only Node: dist/runners-autoscaler.js, with its source map beside it.
import { readFileSync } from "node:fs";
import { build } from "esbuild";

const root = new URL("..", import.meta.url);
const { version } = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));

await build({
  absWorkingDir: new URL(".", root).pathname,
  entryPoints: ["src/main.ts"],
  outfile: "dist/runners-autoscaler.js",
  bundle: true,
  platform: "node",
  target: "node20.19",
  format: "esm",
  sourcemap: "linked",
  sourcesContent: false,
  legalComments: "none",
  logLevel: "warning",
  loader: { ".yaml": "text", ".template": "text" },
  define: { __VERSION__: JSON.stringify(version) },
  banner: {
    js: '#!/usr/bin/env node\nimport { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
});
