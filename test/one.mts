import { CELLS, cellAt, describeCell } from "./histories/micro/cell.ts";
import { playMicro } from "./histories/micro/play.ts";

console.log(CELLS);
let n = 0;
for (let i = 0; i < CELLS; i++) {
  const c = cellAt(i);
  if (c.event !== "forge-job" && c.event !== "newer-mark" && c.behaviour !== "mute") continue;
  if (i % 7) continue;
  const o = await playMicro(c, 1 + i);
  n++;
  if (o.wrong.length) console.log(i, describeCell(c), "\n  ", o.wrong.join("; "));
  if (n > 60) break;
}
