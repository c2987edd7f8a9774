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

test("all that is wrong is told at once: variables, the kubeconfig, the configuration and the credentials", async () => {
  const env = {
    BITBUCKET_API_URL: "bitbucket",
    BITBUCKET_API_FLAVOUR: "v3",
    HTTPS_PROXY: "proxy:one:two",
    HTTP_PROXY: "proxy:three:four",
    KUBECONFIG: "/nowhere/kubeconfig",
    LOG_LEVEL: "loud",
  };
  const { code, out, err } = await runCommand(["controller", "--config", "/nowhere/c.yaml"], { env });
  expect(code).toBe(2);
  expect(out).toMatch(/^ERROR: Credentials are wrong /m);
  expect(out).toMatch(/^ERROR: Configuration is wrong at=\/nowhere\/c\.yaml /m);
  const errors = err.split("\n").filter((line) => line.startsWith("error: "));
  for (const name of [
    "BITBUCKET_API_URL",
    "BITBUCKET_API_FLAVOUR",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "/nowhere/kubeconfig",
    "LOG_LEVEL",
  ])
    expect(errors.filter((line) => line.includes(name))).toHaveLength(1);
  expect(errors).toHaveLength(6);
});

test.each(["LOG_LEVEL", "BITBUCKET_API_FLAVOUR", "KUBECONFIG", "RUNNERS_AUTOSCALER_CONTROL_NAMESPACE"])(
  "what %s holds cannot move a terminal's cursor, nor fill its screen",
  async (variable) => {
    const worlds = await servedWorlds();
    const text = `/\u001b[2J\nerror: forged\u009b${"x".repeat(100_000)}`;
    const { code, err } = await runCommand(["controller", "--once", ...worlds.files], {
      env: { ...worlds.env, [variable]: text },
    });
    expect(code).toBe(2);
    expect(err).not.toMatch(/[^\P{Cc}\n]/u);
    expect(err.split("\n").filter((line) => line.startsWith("error: "))).toHaveLength(1);
    expect(err.length).toBeLessThan(2_500);
  },
);

test("without a kubeconfig and outside a pod it says where one was looked for", async () => {
  const worlds = await servedWorlds();
  const env = { ...worlds.env, KUBECONFIG: "", HOME: "/nowhere" };
  const { code, err } = await runCommand(["controller", "--once", ...worlds.files], { env });
  expect(err).toContain("/nowhere/.kube/config");
  expect(code).toBe(2);
});
