import { errorCode } from "../support/errors.ts";
import type { ReadFile } from "../support/read-file.ts";
import { LARGEST_FILE_BYTES } from "../support/regular-file.ts";
import type { ConfigCode } from "./codes.ts";
import type { ConfigProblem } from "./finding.ts";

/** A file's bytes, or why there are none. */
export type FileContent = { readonly content: Uint8Array } | { readonly problem: ConfigProblem };

/** Reads the configuration file. Never rejects. */
export async function readConfigFile(path: string, readFile: ReadFile): Promise<FileContent> {
  try {
    return { content: await readFile(path) };
  } catch (error) {
    return { problem: ofWholeFile(path, ...reasonOf(errorCode(error))) };
  }
}

function reasonOf(code: string): readonly [code: ConfigCode, message: string, expected: string] {
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return ["file-missing", "there is no such file", "the path of a configuration file"];
    case "EISDIR":
      return ["file-is-folder", "this is a folder", "the path of a file, such as runners_config.yaml in that folder"];
    case "ENOTREG":
      return ["file-not-regular", "this is a device, a pipe or a socket", "the path of a regular file"];
    case "EFBIG":
      return [
        "file-too-large",
        `the file has more than ${LARGEST_FILE_BYTES} bytes`,
        `at most ${LARGEST_FILE_BYTES} bytes`,
      ];
    case "EACCES":
    case "EPERM":
      return ["file-unreadable", "the file may not be read by this user", "a file that can be read"];
    default:
      return ["file-unreadable", `the file cannot be read (${code})`, "a file that can be read"];
  }
}

/** A file's text, or why it has none. */
export type FileText = { readonly text: string } | { readonly problem: ConfigProblem };

/** Bytes → text: UTF-8 only, a byte order mark is dropped, at most 1 MiB. */
export function decode(content: string | Uint8Array, file: string): FileText {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  if (bytes.length > LARGEST_FILE_BYTES) return { problem: ofWholeFile(file, ...reasonOf("EFBIG")) };
  const text = utf8(bytes);
  if (text === undefined) return { problem: notUtf8(bytes, file) };
  if (withoutComments(text).trim() === "") {
    return { problem: ofWholeFile(file, "empty-file", "the file is empty", "a map with groups, at least") };
  }
  return { text };
}

function ofWholeFile(file: string, code: ConfigCode, message: string, expected: string): ConfigProblem {
  return { severity: "error", code, file, line: 0, column: 0, path: "", message, expected };
}

function notUtf8(bytes: Uint8Array, file: string): ConfigProblem {
  const expected = "UTF-8 text";
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (utf16) return ofWholeFile(file, "not-utf8", "the file is UTF-16 text", expected);
  const whole = ofWholeFile(file, "not-utf8", "the file is not UTF-8 text", expected);
  const lineFeed = 0x0a;
  for (let start = 0, line = 1; start < bytes.length; line += 1) {
    const feed = bytes.indexOf(lineFeed, start);
    const end = feed < 0 ? bytes.length : feed;
    const bad = firstBadByte(bytes.subarray(start, end));
    if (bad !== undefined) {
      const byte = bytes[start + bad.offset]?.toString(16).padStart(2, "0");
      const message = `${whole.message}: byte 0x${byte ?? "00"} is not valid there`;
      return { ...whole, line, column: bad.column, message };
    }
    start = end + 1;
  }
  return whole;
}

/** The longest good beginning, found by halving; the bad byte comes after it. */
function firstBadByte(line: Uint8Array): { offset: number; column: number } | undefined {
  if (utf8(line) !== undefined) return undefined;
  let good = 0;
  let bad = line.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (utf8Beginning(line.subarray(0, middle)) === undefined) bad = middle;
    else good = middle;
  }
  const before = utf8Beginning(line.subarray(0, good)) ?? "";
  return { offset: good, column: before.length + 1 };
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined; // The caller says where and why.
  }
}

/** As `utf8`, but the last character may be cut off. */
function utf8Beginning(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return undefined; // The caller says where and why.
  }
}

function withoutComments(text: string): string {
  return text.replace(/^[ \t]*#.*$/gm, "");
}
