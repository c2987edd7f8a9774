import { errorCode } from "../support/errors.ts";
import type { ReadFile } from "../support/read-file.ts";
import type { ConfigCode } from "./codes.ts";
import type { ConfigProblem } from "./finding.ts";

/** A file's bytes, or why there are none. */
export type FileContent = { readonly content: Uint8Array } | { readonly problem: ConfigProblem };

/** Reads the configuration file. Never rejects. */
export async function readConfigFile(path: string, readFile: ReadFile): Promise<FileContent> {
  try {
    return { content: await readFile(path) };
  } catch (error) {
    const [code, message, expected] = reasonOf(errorCode(error));
    return { problem: { severity: "error", code, file: path, line: 0, column: 0, path: "", message, expected } };
  }
}

function reasonOf(code: string): readonly [code: ConfigCode, message: string, expected: string] {
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return ["file-missing", "there is no such file", "the path of a configuration file"];
    case "EISDIR":
      return ["file-is-folder", "this is a folder", "the path of a file, such as runners_config.yaml in that folder"];
    case "EACCES":
    case "EPERM":
      return ["file-unreadable", "the file may not be read by this user", "a file that can be read"];
    default:
      return ["file-unreadable", `the file cannot be read (${code})`, "a file that can be read"];
  }
}
