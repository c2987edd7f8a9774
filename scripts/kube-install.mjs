// Gets a real Kubernetes control plane for the tests that need one: etcd, kube-apiserver, kube-controller-manager, kube-scheduler and
// kwok (which plays the nodes), into .kube/bin. Does nothing when they are there.
//   npm run kube:install                     builds them from the Go module proxy: Go 1.24 or newer, some ten minutes on two cores
//   npm run kube:install -- --from ARCHIVE   takes them from a tar archive that holds them side by side: seconds
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const inRepository = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** Where each program comes from. `folder`: the Go module under scripts/kube that pins it with all that it is built from. */
const PROGRAMS = [
  { name: "etcd", folder: "etcd", module: "go.etcd.io/etcd/server/v3", main: "" },
  { name: "kube-apiserver", folder: "kubernetes", module: "k8s.io/kubernetes", main: "/cmd/kube-apiserver" },
  {
    name: "kube-controller-manager",
    folder: "kubernetes",
    module: "k8s.io/kubernetes",
    main: "/cmd/kube-controller-manager",
  },
  { name: "kube-scheduler", folder: "kubernetes", module: "k8s.io/kubernetes", main: "/cmd/kube-scheduler" },
  { name: "kwok", folder: "kwok", module: "sigs.k8s.io/kwok", main: "/cmd/kwok" },
];

/** Only needed to build; another one than the first on the PATH can be named. */
const GO = process.env.GO || "go";

const USAGE = "Usage: npm run kube:install [-- [--from ARCHIVE] [--to FOLDER]]";

function main() {
  const { from, to } = options();
  mkdirSync(to, { recursive: true });

  const missing = PROGRAMS.filter((program) => !isInstalled(program, to));
  if (missing.length === 0) return say(`Everything is there already: ${PROGRAMS.map(title).join(", ")} in ${to}`);

  if (from === undefined) build(missing, to);
  else unpack(from, to);
  say(`Done. The tests find the programs in ${to}`);
}

function options() {
  try {
    const { values } = parseArgs({ options: { from: { type: "string" }, to: { type: "string" } } });
    return { from: values.from, to: values.to ?? inRepository(".kube/bin") };
  } catch (error) {
    return stop(`${error.message}\n${USAGE}`, 2);
  }
}

function unpack(archive, to) {
  say(`Unpacking ${archive} into ${to}`);
  const { status } = spawnSync("tar", ["--extract", "--file", archive, "--directory", to], { stdio: "inherit" });
  if (status !== 0) stop("tar could not unpack it; its own message is above. A .tar.xz needs the program xz as well.");
  const lacking = PROGRAMS.filter(({ name }) => versionText(join(to, name)) === undefined).map(({ name }) => name);
  if (lacking.length > 0) stop(`${archive} holds no program that runs here as: ${lacking.join(", ")}`);
}

function build(programs, to) {
  requireGo();
  for (const program of programs) {
    say(`Building ${title(program)}; the first of its kind takes minutes`);
    const unfinished = join(to, `.${program.name}`);
    const { status } = spawnSync(
      GO,
      ["build", "-trimpath", "-ldflags", linkerFlags(program), "-o", unfinished, program.module + program.main],
      {
        cwd: inRepository(`scripts/kube/${program.folder}`),
        env: { ...process.env, CGO_ENABLED: "0" },
        stdio: "inherit",
      },
    );
    if (status !== 0) stop(`${program.name} could not be built; the Go tool's own message is above.`);
    renameSync(unfinished, join(to, program.name));
  }
}

function requireGo() {
  const found = /go(\d+)\.(\d+)/.exec(spawnSync(GO, ["env", "GOVERSION"], { encoding: "utf8" }).stdout ?? "");
  const [major, minor] = found === null ? [0, 0] : [Number(found[1]), Number(found[2])];
  if (major > 1 || (major === 1 && minor >= 24)) return;
  stop(
    `Go 1.24 or newer is needed to build the programs; ${found === null ? "there is no go on the PATH" : `this is ${found[0]}`}.\n` +
      "Or set KUBEBUILDER_ASSETS to a folder that holds them, or unpack them from an archive with --from.",
  );
}

/** Smaller without debugging symbols. Kubernetes learns its own version from the linker only. */
function linkerFlags(program) {
  if (program.folder !== "kubernetes") return "-s -w";
  const version = wantedVersion(program);
  const [major, minor] = version.split(".");
  const variables = { gitVersion: `v${version}`, gitMajor: major, gitMinor: minor, gitTreeState: "clean" };
  const set = Object.entries(variables).map(([key, value]) => `-X k8s.io/component-base/version.${key}=${value}`);
  return ["-s -w", ...set].join(" ");
}

function wantedVersion({ folder, module }) {
  const goMod = readFileSync(inRepository(`scripts/kube/${folder}/go.mod`), "utf8");
  const line = goMod.split("\n").find((each) => each.replace("require ", "").trim().startsWith(`${module} v`));
  return line.replace("require ", "").trim().split(" ")[1].slice(1);
}

function isInstalled(program, folder) {
  return versionText(join(folder, program.name))?.includes(wantedVersion(program)) ?? false;
}

/** What the program says of its version; undefined when it does not run. */
function versionText(path) {
  const { status, stdout } = spawnSync(path, ["--version"], { encoding: "utf8" });
  return status === 0 ? stdout : undefined;
}

function title(program) {
  return `${program.name} ${wantedVersion(program)}`;
}

function say(text) {
  console.log(text);
}

function stop(text, exitCode = 1) {
  console.error(text);
  process.exit(exitCode);
}

main();
