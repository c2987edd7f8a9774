import { setMaxListeners } from "node:events";
import process from "node:process";
import type { Io } from "./cli/io.ts";
import { run } from "./cli/program.ts";

const stop = new AbortController();
// Every wait listens to it, and takes its listener away again.
setMaxListeners(0, stop.signal);
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => stop.abort(new Error(`received ${signal}`)));

// The reader of the output is gone, as behind `| head`: there is nothing left to do.
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    stop.abort(new Error("the output is no longer read"));
  });

const [script, ...args] = process.argv.slice(1);
const io: Io = {
  env: process.env,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  isTerminal: process.stdout.isTTY === true,
  terminalSize: () => ({ columns: process.stdout.columns, rows: process.stdout.rows }),
  signal: stop.signal,
  self: [process.execPath, ...process.execArgv, ...(script === undefined ? [] : [script])],
  exitCode: 0,
};
await run(io, args);
process.exitCode = io.exitCode;
