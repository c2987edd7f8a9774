import { describe, expect, test } from "vitest";
import { UNUSED_KUBECONFIG } from "../support/kubeconfig.ts";
import { runCommand } from "../support/run-command.ts";

const COMMANDS = ["controller", "cleaner", "validate", "render", "schema", "sandbox"];

describe("help", () => {
  test("the program's own names every command, each with a sentence", async () => {
    const { code, out, err } = await runCommand(["--help"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const listed = [...out.slice(out.indexOf("Commands:")).matchAll(/^ {2}(\w+)(?: \[\w+\])? +(\S.*)$/gm)];
    expect(listed.map(([, name]) => name)).toEqual([...COMMANDS, "help"]);
  });

  test.each(COMMANDS)("%s --help, and help %s", async (command) => {
    const { code, out, err } = await runCommand([command, "--help"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(new RegExp(`^Usage: runners-autoscaler ${command} \\[options\\]\n\n\\w`));
    expect(await runCommand(["help", command])).toEqual({ code, out, err });
  });

  test("a call without a command prints it as an error", async () => {
    const { code, out, err } = await runCommand([]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toBe((await runCommand(["--help"])).out);
  });
});

test("--version is one line", async () => {
  expect(await runCommand(["--version"])).toEqual({ code: 0, out: "development\n", err: "" });
});

describe("what is no usage: exit code 2, one line, the nearest word", () => {
  test.each<[args: string, says: string]>([
    ["controler", "error: unknown command 'controler'\n(Did you mean controller?)\n"],
    ["scale", "error: unknown command 'scale'\n"],
    ["controller --http-prot 1", "error: unknown option '--http-prot'\n(Did you mean --http-port?)\n"],
    ["cleaner --dryrun", "error: unknown option '--dryrun'\n(Did you mean --dry-run?)\n"],
    ["validate --template t", "error: unknown option '--template'\n"],
    ["controller all", "error: too many arguments for 'controller'. Expected 0 arguments but got 1.\n"],
    ["controller --config", "error: option '--config <path>' argument missing\n"],
    ["render", "error: required option '--group <name>' not specified\n"],
    [
      "controller --log-format xml",
      "error: option '--log-format <format>' argument 'xml' is invalid. Allowed choices are text, json.\n",
    ],
    [
      "validate --format yaml",
      "error: option '--format <format>' argument 'yaml' is invalid. Allowed choices are text, json.\n",
    ],
    ...["65536", "-1", "http", "80.5", "0x50", " "].map((port): [string, string] => [
      `controller --http-port ${port}`,
      `error: option '--http-port <port>' argument '${port}' is invalid. A port is a whole number from 0 to 65535.\n`,
    ]),
    ...["Control", "-a", "a_b", "a.b", "a".repeat(64)].map((name): [string, string] => [
      `controller --control-namespace ${name}`,
      `error: option '--control-namespace <name>' argument '${name}' is invalid. A namespace is at most 63 lower-case letters, digits and hyphens.\n`,
    ]),
    [
      "cleaner --installation Mark",
      "error: option '--installation <mark>' argument 'Mark' is invalid. A mark is 8 characters of a-z and 2-7.\n",
    ],
  ])("%s", async (args, says) => {
    const words = args.endsWith("  ") ? [...args.trim().split(" "), " "] : args.split(" ");
    expect(await runCommand(words)).toEqual({ code: 2, out: "", err: says });
  });
});

describe("a flag's variable", () => {
  const MISSING = ["controller", "--config", "nothing.yaml"];

  test.each([
    ["RUNNERS_AUTOSCALER_HTTP_PORT", "http", "'--http-port <port>' value 'http'", "A port is a whole number"],
    ["RUNNERS_AUTOSCALER_LOG_FORMAT", "xml", "'--log-format <format>' value 'xml'", "Allowed choices are text, json."],
    ["RUNNERS_AUTOSCALER_INSTALLATION", "mark", "'--installation <mark>' value 'mark'", "A mark is 8 characters"],
    ["RUNNERS_AUTOSCALER_DRY_RUN", "perhaps", "'--dry-run' value 'perhaps'", "A switch is true or false."],
  ])("%s=%s is refused, and named", async (variable, text, value, expected) => {
    const { code, err } = await runCommand(MISSING, { env: { [variable]: text } });
    expect(code).toBe(2);
    expect(err).toContain(`error: option ${value} from env '${variable}' is invalid. ${expected}`);
    expect(err.trim().split("\n")).toHaveLength(1);
  });

  test("counts as unset when it is empty", async () => {
    const names = ["CONFIG", "TEMPLATE", "ONCE", "DRY_RUN", "HTTP_PORT", "LOG_FORMAT", "CONTROL_NAMESPACE"];
    const env = Object.fromEntries(names.map((name) => [`RUNNERS_AUTOSCALER_${name}`, ""]));
    const { out, err } = await runCommand(["controller"], { env: { ...UNUSED_KUBECONFIG, ...env } });
    expect(err).toBe("");
    expect(out).toContain("at=/opt/conf/config/runners_config.yaml");
  });

  test("is taken, and the flag comes before it", async () => {
    const env = { RUNNERS_AUTOSCALER_CONFIG: "variable.yaml", RUNNERS_AUTOSCALER_LOG_FORMAT: "json" };
    expect((await runCommand(["controller"], { env })).out).toContain('"at":"variable.yaml"');
    const { out } = await runCommand(["controller", "--config", "flag.yaml", "--log-format", "text"], { env });
    expect(out).toContain(" at=flag.yaml ");
  });
});
