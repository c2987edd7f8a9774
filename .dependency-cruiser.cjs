/**
 * The arrows of ARCHITECTURE.md, enforced: each room and what it may look at. Arrows point inward; adapters implement ports and never look at
 * each other; pure rooms know no adapter. A room that is not in the table may not be there.
 */
const PORTS = ["bitbucket/(port|errors).ts", "kubernetes/(port|errors).ts"];
const ROOMS = {
  // Pure: words, decisions, and reading of text.
  domain: ["support/base32.ts", "support/json.ts"],
  support: [],
  yaml: [],
  diagnostics: ["support"],
  runners: ["domain"],
  scaling: ["domain", "runners"],
  // What a user writes.
  config: ["domain", "support", "yaml", "diagnostics"],
  template: ["domain", "support", "yaml", "diagnostics"],
  credentials: ["domain", "support", "diagnostics", ...PORTS],
  // The two planes.
  http: ["support"],
  bitbucket: ["domain", "support", "http"],
  kubernetes: ["domain", "support", "http", "yaml"],
  // The processes.
  reconcile: ["domain", "support", "runners", "scaling", ...PORTS],
  controller: ["domain", "support", "runners", "scaling", "reconcile", "template/(port|render-example).ts", ...PORTS],
  cleaner: ["domain", "support", "runners", "scaling", "reconcile", ...PORTS],
  // What they say.
  observability: ["domain", "support", "http", ...PORTS],
  server: ["domain", "support", "observability", ...PORTS],
  process: [
    ...[
      "domain",
      "support",
      "http",
      "yaml",
      "diagnostics",
      "config",
      "credentials",
      "template",
      "bitbucket",
      "kubernetes",
    ],
    ...["reconcile", "controller", "cleaner", "observability", "server"],
  ],
  // The measure of all that: it shares nothing with the program but time, chance, secrets and the way a request looks.
  simulator: ["support", "http"],
  simulation: [
    ...[
      "domain",
      "support",
      "http",
      "template",
      "bitbucket",
      "kubernetes",
      "runners",
      "scaling",
      "reconcile",
      "controller",
      "cleaner",
    ],
    ...["observability", "simulator"],
  ],
  sandbox: ["domain", "support", "http", "kubernetes", "simulator", "simulation"],
  cli: [".*"],
};
/** They compute: no file, no network, no process; of Node only hashing. */
const PURE = ["domain", "yaml", "diagnostics", "runners", "scaling"];

const TESTS = "\\.test\\.ts$";
const inRoom = (room) => `^src/${room}/`;
const within = (allowed) =>
  `^src/(${allowed.map((each) => (each.endsWith(".ts") ? `${each.replace(/\.ts$/, "\\.ts")}$` : `${each}/`)).join("|")})`;

module.exports = {
  forbidden: [
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    ...Object.entries(ROOMS).map(([room, allowed]) => ({
      name: `arrows-of-${room}`,
      severity: "error",
      from: { path: inRoom(room), pathNot: TESTS },
      to: { path: "^src/", pathNot: within([room, ...allowed]) },
    })),
    {
      name: "every-room-has-its-arrows",
      severity: "error",
      from: { path: "^src/", pathNot: [`^src/(main\\.ts|(${Object.keys(ROOMS).join("|")})/)`, TESTS] },
      to: { path: "^src/" },
    },
    {
      name: "pure-rooms-only-hash",
      severity: "error",
      from: { path: `^src/(${PURE.join("|")})/`, pathNot: TESTS },
      to: { dependencyTypes: ["core"], pathNot: "^(node:)?crypto$" },
    },
    {
      name: "the-cleaner-plans-purely",
      comment: "scaling/plan.ts is the controller's planner; this one is like it.",
      severity: "error",
      from: { path: "^src/cleaner/plan\\.ts$" },
      to: { path: "^src/", pathNot: within(["domain", "runners", "scaling"]) },
    },
    {
      name: "nothing-of-the-product-imports-tests",
      severity: "error",
      from: { path: "^src/", pathNot: TESTS },
      to: { path: "^(test|bench)/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
  },
};
