import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    exclude: ["test/deep/**"],
    pool: "forks",
    // No test mocks a module and no module has state: what one file has loaded serves the next.
    isolate: false,
    // Some tests wait for a real control plane or a program, and leave their processor to others.
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
