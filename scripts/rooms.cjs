/**
 * The rooms (folders) of src/ and what each may import besides itself: rooms, or single files of them. Arrows point inward; adapters
 * implement ports and never import each other; pure rooms know no adapter. ARCHITECTURE.md shows it as a table, and a test holds the two
 * together.
 */
const PORTS = ["bitbucket/(port|errors).ts", "kubernetes/(port|errors).ts"];
const PURE_CORE = ["domain", "runners", "scaling"];

const ROOMS = {
  support: [],
  domain: ["support/(base32|json).ts"],
  runners: ["domain"],
  scaling: ["domain", "runners"],

  diagnostics: ["support"],
  yaml: [],
  config: ["domain", "support", "diagnostics", "yaml"],
  template: ["domain", "support", "diagnostics", "yaml"],
  credentials: ["support", "diagnostics", "bitbucket/port.ts"],

  http: ["support"],
  bitbucket: ["domain", "support", "http"],
  kubernetes: ["domain", "support", "http", "yaml"],

  reconcile: ["domain", "runners", "support", "template/port.ts", ...PORTS],
  controller: [...PURE_CORE, "support", "reconcile", "template/(port|render-example).ts", ...PORTS],
  cleaner: [...PURE_CORE, "support", "reconcile", ...PORTS],

  observability: ["domain", "support", "http", ...PORTS],
  server: ["domain", "support", "observability", ...PORTS],
  process: [
    ...["domain", "support", "http", "diagnostics", "config", "template", "credentials", "bitbucket", "kubernetes"],
    ...["reconcile", "controller", "cleaner", "observability", "server"],
  ],

  simulator: ["support", "http"],
  simulation: [
    ...["domain", "support", "http", "template/port.ts", "bitbucket", "kubernetes"],
    ...["reconcile", "controller", "cleaner", "observability", "simulator"],
  ],
  sandbox: ["domain", "support", "http", "kubernetes", "simulator", "simulation"],
  cli: [".*"],
};

/** They compute: no file, no network, no process; of Node only hashing. */
const PURE = ["domain", "runners", "scaling", "diagnostics", "yaml"];

/** The parts of a room that import one way only: each part, and the parts before it that it may import. */
const SUBROOMS = {
  "bitbucket/http": PORTS,
  "bitbucket/runners": ["bitbucket/http", ...PORTS],
  "kubernetes/auth": PORTS,
  "kubernetes/client": ["kubernetes/auth", ...PORTS],
  "kubernetes/watch": ["kubernetes/client", ...PORTS],
};

module.exports = { ROOMS, PURE, SUBROOMS };
