import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { runCommand } from "../support/run-command.ts";
import { servedWorlds } from "../support/served-worlds.ts";

test.each([
  ["controller", /^✔ Successfully setup runner/m],
  ["cleaner", /^INFO: Identified this installation/m],
])("%s works until it is told to stop, then ends with exit code 0", async (command, working) => {
  const worlds = await servedWorlds();
  const { code, out, err } = await runCommand([command, ...worlds.files], {
    env: worlds.env,
    stopWhen: (text) => working.test(text),
  });
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toMatch(new RegExp(`^INFO: Stopped process=${command}$`, "m"));
  expect(out).not.toMatch(/^ERROR/m);
});

test("a port that is taken: exit code 1, and which one", async () => {
  const other = createServer().listen(0, "0.0.0.0");
  await once(other, "listening");
  onTestFinished(() => void other.close());
  const { port } = other.address() as { port: number };
  const worlds = await servedWorlds();
  const { code, err } = await runCommand(["controller", ...worlds.files, "--http-port", String(port)], {
    env: worlds.env,
  });
  expect(code).toBe(1);
  expect(err).toMatch(/^error: .+\n {2}.+\n$/);
  expect(err).toContain(String(port));
  expect(err).toContain("choose another port (0 picks a free one)");
});

test("a template that cannot be used: exit code 1, where and why, and no registration was spent on it", async () => {
  const worlds = await servedWorlds();
  const template = worlds.files[worlds.files.indexOf("--template") + 1] ?? "";
  const text = await readFile(template, "utf8");
  await writeFile(template, text.replace("<%runner_uuid%>", "<%runner_uid%>"));
  const { code, out } = await runCommand(["controller", "--once", ...worlds.files], { env: worlds.env });
  expect(code).toBe(1);
  expect(out).toMatch(/^ERROR: Creating a runner failed scope=\S+ error=.*runner_uid.*remedy=.* \[Runner group 1\]$/m);
  expect(worlds.bitbucket.glance()).toEqual([]);
});

test("without a cluster --once ends with exit code 1, and says what to look at", async () => {
  const worlds = await servedWorlds();
  worlds.cluster.stop();
  const kubeconfig = worlds.env.KUBECONFIG ?? "";
  const text = await readFile(kubeconfig, "utf8");
  await writeFile(kubeconfig, text.replace(/server: .*/, "server: http://127.0.0.1:9"));
  const { code, out } = await runCommand(["controller", "--once", ...worlds.files], { env: worlds.env });
  expect(code).toBe(1);
  expect(out).toMatch(/^ERROR: Identifying this installation failed component=cluster error="Kubernetes .* remedy=/m);
  expect(worlds.bitbucket.traffic.total()).toBe(0);
});
