import * as z from "zod";
import { SettingsFile } from "./schema.ts";

/** The configuration file's JSON Schema (draft 2020-12), for editors and other checkers: what concerns each value by itself. */
export function renderJsonSchema(): string {
  const schema = z.toJSONSchema(SettingsFile, {
    target: "draft-2020-12",
    io: "input",
    // Our own word, which no reader of the schema knows.
    override: ({ jsonSchema }) => delete jsonSchema["expected"],
  });
  return `${JSON.stringify(schema, null, 2)}\n`;
}
