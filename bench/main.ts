import process from "node:process";
import { parseArgs } from "node:util";
import { monotonicMs } from "../src/support/clock.ts";
import { messageOf } from "../src/support/errors.ts";
import { machineText, thisMachine } from "./machine.ts";
import { MEASUREMENTS } from "./measurements.ts";
import type { Measurement, Row } from "./row.ts";
import { tableText } from "./table.ts";
import { secondsText } from "./units.ts";

const NAMES = MEASUREMENTS.map(({ name }) => name).join(", ");
const USAGE = `Usage: npm run bench [-- [--only NAME]... [--json]]

  --only NAME  measure this alone; may be given several times: ${NAMES}
  --json       print figures instead of the table
`;

/** Measures, and prints the results. A missed target is shown as missed and is no failure; what cannot be measured is one. */
async function main(): Promise<void> {
  const chosen = choose(process.argv.slice(2));
  if (chosen === undefined) return;
  const rows: Row[] = [];
  for (const measurement of chosen.measurements) {
    process.stderr.write(`${measurement.name}: ${measurement.about}`);
    const begunAt = monotonicMs();
    rows.push(...(await measurement.measure()));
    process.stderr.write(` - ${secondsText(monotonicMs() - begunAt)}\n`);
  }
  const machine = thisMachine();
  if (chosen.json) process.stdout.write(`${JSON.stringify({ machine, rows }, undefined, 2)}\n`);
  else process.stdout.write(`\n${machineText(machine)}\n\n${tableText(rows)}\n`);
}

function choose(args: readonly string[]): { measurements: readonly Measurement[]; json: boolean } | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        only: { type: "string", multiple: true, default: [] },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) {
      process.stdout.write(USAGE);
      return undefined;
    }
    const unknown = values.only.filter((name) => !MEASUREMENTS.some((each) => each.name === name));
    if (unknown.length > 0)
      throw new Error(`there is no measurement called ${unknown.join(", ")}; choose from ${NAMES}`);
    const isChosen = ({ name }: Measurement) => values.only.length === 0 || values.only.includes(name);
    return { measurements: MEASUREMENTS.filter(isChosen), json: values.json };
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n\n${USAGE}`);
    process.exitCode = 2;
    return undefined;
  }
}

await main();
