import { Command } from "commander";
import { renderJsonSchema } from "../../config/schema.ts";
import type { Io } from "../io.ts";

/** `schema`: prints the configuration file's JSON Schema. */
export function schemaCommand(io: Io): Command {
  return new Command("schema")
    .description("print the JSON Schema (draft 2020-12) of the configuration file, for editors and other checkers")
    .action(() => {
      io.out(renderJsonSchema());
      io.exitCode = 0;
    });
}
