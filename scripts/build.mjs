// Bundles the program into one file that needs only Node: dist/runners-autoscaler.js (or the file that is named), with its source map
// beside it. What the sandbox ships with is put in: the job template of kustomize/base and the example's configuration.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { parse } from "yaml";

const root = new URL("..", import.meta.url);
const read = (path) => readFileSync(new URL(path, root), "utf8");
const { version } = JSON.parse(read("package.json"));
const template = parse(read("kustomize/base/cm-job-template.yaml")).data["job.yaml.template"];
const [outfile = "dist/runners-autoscaler.js"] = process.argv.slice(2);

await build({
  absWorkingDir: fileURLToPath(root),
  entryPoints: ["src/main.ts"],
  outfile,
  bundle: true,
  platform: "node",
  target: "node20.19",
  format: "esm",
  sourcemap: "linked",
  sourcesContent: false,
  legalComments: "none",
  logLevel: "warning",
  // Less source to keep in memory; identifiers stay, for stack traces.
  minifyWhitespace: true,
  minifySyntax: true,
  define: {
    __VERSION__: JSON.stringify(version),
    __JOB_TEMPLATE__: JSON.stringify(template),
    __EXAMPLE_CONFIG__: JSON.stringify(read("src/config/fixtures/seed-runners-config.yaml")),
  },
  banner: {
    js: '#!/usr/bin/env node\nimport { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
});
