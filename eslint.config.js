import tseslint from "typescript-eslint";

const clockAndRandomness = [
  {
    selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
    message: "Take a Clock (src/support/clock.ts) as a parameter.",
  },
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: "Take a Clock (src/support/clock.ts) as a parameter.",
  },
  {
    selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
    message: "Take a Random (src/support/random.ts) as a parameter.",
  },
];
const timers = ["setTimeout", "setInterval", "setImmediate"].map((name) => ({
  name,
  message: "Timers come from the injected Clock (src/support/clock.ts).",
}));
const environment = [
  { object: "process", property: "env", message: "The environment is read in src/main.ts and src/cli/ only." },
  { object: "process", property: "exit", message: "Exit codes are set in src/main.ts only." },
  { object: "process", property: "argv", message: "argv is read in src/main.ts only." },
];

export default tseslint.config(
  { ignores: ["dist/", "node_modules/", "coverage/", "**/fixtures/**"] },
  {
    files: ["src/**/*.ts", "test/**/*.ts", "bench/**/*.ts"],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-shadow": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/require-await": "off",
      "no-console": "error",
    },
  },
  {
    files: ["src/**/*.ts"],
    ignores: ["src/**/*.test.ts"],
    rules: {
      "no-restricted-syntax": ["error", ...clockAndRandomness],
      "no-restricted-globals": ["error", ...timers],
      "no-restricted-properties": ["error", ...environment],
    },
  },
  {
    files: ["src/support/clock.ts", "src/support/random.ts", "src/simulator/virtual-clock.ts"],
    rules: { "no-restricted-syntax": "off", "no-restricted-globals": "off" },
  },
  { files: ["src/main.ts", "src/cli/**/*.ts"], rules: { "no-restricted-properties": "off" } },
);
