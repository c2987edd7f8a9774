/** The arrows of ARCHITECTURE.md, enforced: scripts/rooms.cjs says which there are. A room that is not among them may not be there. */
const { ROOMS, PURE, SUBROOMS } = require("./scripts/rooms.cjs");

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
    ...Object.entries(SUBROOMS).map(([room, earlier]) => ({
      name: `arrows-within-${room.replaceAll("/", "-")}`,
      severity: "error",
      from: { path: inRoom(room), pathNot: TESTS },
      to: { path: `^src/${room.split("/")[0]}/`, pathNot: within([room, ...earlier]) },
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
      comment: "As the controller's planner does, in scaling/.",
      severity: "error",
      from: { path: "^src/cleaner/(plan|clean-step|silence|snapshot)\\.ts$" },
      to: { path: "^src/", pathNot: within(["domain", "runners", "cleaner/(plan|clean-step|silence|snapshot).ts"]) },
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
