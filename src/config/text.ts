import type { ConfigCode } from "./codes.ts";
import type { ConfigProblem } from "./finding.ts";

/** The size limit of a ConfigMap, which is where the file comes from. */
const LARGEST_BYTES = 1024 * 1024;

/** The file's text, or why it has none. */
export type Text =
  | { readonly text: string }
  | {
      readonly problem: Pick<ConfigProblem, "line" | "column" | "message" | "expected"> & {
        readonly code: ConfigCode;
      };
    };

/** Bytes → text: UTF-8 only, a byte order mark is dropped, at most 1 MiB. */
export function decode(content: string | Uint8Array): Text {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  if (bytes.length > LARGEST_BYTES) {
    return wholeFile("file-too-large", `the file has ${bytes.length} bytes`, `at most ${LARGEST_BYTES} bytes`);
  }
  const text = utf8(bytes);
  if (text === undefined) return notUtf8(bytes);
  if (withoutComments(text).trim() === "") {
    return wholeFile("empty-file", "the file is empty", "a map with groups, at least");
  }
  return { text };
}

function wholeFile(code: ConfigCode, message: string, expected: string): Text {
  return { problem: { code, line: 0, column: 0, message, expected } };
}

function notUtf8(bytes: Uint8Array): Text {
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (utf16) return wholeFile("not-utf8", "the file is UTF-16 text", "UTF-8 text");
  const lineFeed = 0x0a;
  for (let start = 0, line = 1; start < bytes.length; line += 1) {
    const feed = bytes.indexOf(lineFeed, start);
    const end = feed < 0 ? bytes.length : feed;
    const bad = firstBadByte(bytes.subarray(start, end));
    if (bad !== undefined) {
      const byte = bytes[start + bad.offset]?.toString(16).padStart(2, "0");
      const message = `the file is not UTF-8 text: byte 0x${byte ?? "00"} cannot stand there`;
      return { problem: { code: "not-utf8", line, column: bad.column, message, expected: "UTF-8 text" } };
    }
    start = end + 1;
  }
  return wholeFile("not-utf8", "the file is not UTF-8 text", "UTF-8 text");
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
