import { describe, expect, test } from "vitest";
import { ANCHOR_VARIABLE } from "../../src/support/clock.ts";
import { runCommand } from "../support/run-command.ts";
import { servedWorlds } from "../support/served-worlds.ts";

const anchor = (speed: unknown) => JSON.stringify({ epochMs: 0, monotonicMs: 0, speed });

describe("a variable that cannot be right: exit code 2, cause and remedy, nothing is asked of anybody", () => {
  test.each<[variable: string, text: string, cause: string, remedy: string]>([
    [
      "LOG_LEVEL",
      "loud",
      'LOG_LEVEL is "loud", which is not a log level.',
      "Set LOG_LEVEL to one of debug, info, warn, error",
    ],
    ["BITBUCKET_API_FLAVOUR", "v3", 'BITBUCKET_API_FLAVOUR is "v3".', "Set BITBUCKET_API_FLAVOUR to auto, public or"],
    ["KUBECONFIG", "/nowhere/kubeconfig", "Cannot read /nowhere/kubeconfig", "Check that the file exists"],
    [ANCHOR_VARIABLE, "{", `${ANCHOR_VARIABLE} is not JSON.`, `Unset ${ANCHOR_VARIABLE}`],
    [ANCHOR_VARIABLE, anchor(0.5), `${ANCHOR_VARIABLE} needs`, `Unset ${ANCHOR_VARIABLE}`],
    [ANCHOR_VARIABLE, anchor(61), "a speed from 1 to 60", `Unset ${ANCHOR_VARIABLE}`],
    [ANCHOR_VARIABLE, anchor("20"), "a speed from 1 to 60", `Unset ${ANCHOR_VARIABLE}`],
    ["BITBUCKET_API_URL", "bitbucket", "BITBUCKET_API_URL", "https://"],
    ["BITBUCKET_API_URL", "ftp://bitbucket.example", "BITBUCKET_API_URL", "https://"],
    ["BITBUCKET_OAUTH_TOKEN_URL", "token", "BITBUCKET_OAUTH_TOKEN_URL", "https://"],
    ["HTTPS_PROXY", "proxy:one:two", "HTTPS_PROXY", "http://"],
  ])("%s=%s", async (variable, text, cause, remedy) => {
    const worlds = await servedWorlds();
    for (const command of ["controller", "cleaner"]) {
      const env = { ...worlds.env, [variable]: text };
      const { code, err } = await runCommand([command, "--once", ...worlds.files], { env });
      expect(err).toMatch(/^error: .+\n( {2}.+\n)?$/);
      expect(err).toContain(cause);
      expect(err).toContain(remedy);
      expect(code).toBe(2);
    }
    expect(worlds.bitbucket.traffic.total()).toBe(0);
  });
});

test("without a kubeconfig and outside a pod it says where one was looked for", async () => {
  const worlds = await servedWorlds();
  const env = { ...worlds.env, KUBECONFIG: "", HOME: "/nowhere" };
  const { code, err } = await runCommand(["controller", "--once", ...worlds.files], { env });
  expect(err).toContain("/nowhere/.kube/config");
  expect(code).toBe(2);
});
