/** The arrows of ARCHITECTURE.md, enforced: inward only, adapters never side by side. */
const room = (names) => `^src/(${names})/`;
/** Tests and what only they use may look everywhere. */
const TESTS = "(\\.test|\\.sample|/testing|/test-world)\\.ts$";
module.exports = {
  forbidden: [
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    {
      name: "domain-imports-nothing",
      severity: "error",
      from: { path: room("domain") },
      to: { path: "^src/", pathNot: room("domain") },
    },
    {
      name: "support-imports-nothing",
      severity: "error",
      from: { path: room("support"), pathNot: TESTS },
      to: { path: "^src/", pathNot: room("support") },
    },
    {
      name: "scaling-is-pure",
      severity: "error",
      from: { path: room("scaling") },
      to: { path: "^src/", pathNot: room("scaling|domain") },
    },
    {
      name: "template-imports-no-adapter",
      severity: "error",
      from: { path: room("template") },
      to: { path: "^src/", pathNot: room("template|domain|support") },
    },
    {
      name: "bitbucket-adapter-alone",
      severity: "error",
      from: { path: room("bitbucket"), pathNot: TESTS },
      to: { path: "^src/", pathNot: room("bitbucket|domain|support|http") },
    },
    {
      name: "kubernetes-adapter-alone",
      severity: "error",
      from: { path: room("kubernetes"), pathNot: TESTS },
      to: { path: "^src/", pathNot: room("kubernetes|domain|support|http") },
    },
    {
      name: "processes-know-ports-only",
      comment: "controller and cleaner see the ports (port.ts and errors.ts), never an adapter's inside.",
      severity: "error",
      from: { path: room("controller|cleaner"), pathNot: TESTS },
      to: {
        path: "^src/(bitbucket|kubernetes|http|server|cli|simulator|sandbox)/",
        pathNot: "^src/(bitbucket|kubernetes)/(port|errors)\\.ts$",
      },
    },
    {
      name: "worlds-share-nothing-with-the-program",
      comment: "The simulated worlds are the measure of the controller: they must not share its code.",
      severity: "error",
      from: { path: room("simulator"), pathNot: TESTS },
      to: { path: "^src/", pathNot: room("simulator|support|http") },
    },
    {
      name: "nobody-imports-the-cli",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(cli/|main\\.ts)" },
      to: { path: room("cli") },
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
