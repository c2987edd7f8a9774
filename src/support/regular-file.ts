import { constants, type Stats } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";

/** What a ConfigMap or a Secret can hold at most: every file that this program reads comes from one, or could. */
export const LARGEST_FILE_BYTES = 1_048_576;

/** A path that leads to something that is not read, with a `code` as failed system calls have: EISDIR, EFBIG, or ENOTREG. */
class FileRefused extends Error {
  override readonly name = "FileRefused";
  readonly code: "EISDIR" | "EFBIG" | "ENOTREG";

  constructor(code: FileRefused["code"], message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Reads a file as the program reads every file: only a regular one (or a link to one), and at most {@link LARGEST_FILE_BYTES} of it. A pipe
 * would block, a device never end. Rejects as `node:fs/promises` does. @throws {FileRefused}
 */
export async function readRegularFile(path: string): Promise<Uint8Array> {
  // Looked at before it is opened, because opening some devices does something; and after, because it may be another one by then.
  refuseOthers(await stat(path));
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    refuseOthers(await file.stat());
    return await readBounded(file);
  } finally {
    await file.close();
  }
}

/** The same as UTF-8 text. */
export async function readRegularText(path: string): Promise<string> {
  return new TextDecoder().decode(await readRegularFile(path));
}

function refuseOthers(stats: Stats): void {
  if (stats.isDirectory()) throw new FileRefused("EISDIR", "it is a folder");
  if (!stats.isFile()) throw new FileRefused("ENOTREG", "it is a device, a pipe or a socket, not a regular file");
  if (stats.size > LARGEST_FILE_BYTES) throw tooLarge();
}

/** A size can be wrong: files of the kernel say 0, and others grow while they are read. */
async function readBounded(file: FileHandle): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  const piece = Buffer.allocUnsafe(64 * 1024);
  for (let length = 0; ; ) {
    const { bytesRead } = await file.read(piece, 0, piece.length, null);
    if (bytesRead === 0) return Buffer.concat(pieces);
    length += bytesRead;
    if (length > LARGEST_FILE_BYTES) throw tooLarge();
    pieces.push(Uint8Array.from(piece.subarray(0, bytesRead)));
  }
}

function tooLarge(): FileRefused {
  return new FileRefused("EFBIG", `it has more than ${LARGEST_FILE_BYTES} bytes`);
}
