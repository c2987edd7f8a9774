import { defineConfig } from "vitest/config";

/** What takes longer than `npm test` may: more histories, and longer ones. */
export default defineConfig({
  test: { include: ["test/deep/**/*.test.ts"], pool: "forks", isolate: false, maxWorkers: 2, testTimeout: 120_000 },
});
