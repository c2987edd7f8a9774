import { describe, expect, test } from "vitest";
import { keptLog } from "../../../test/support/kept-log.ts";
import { VirtualClock } from "../../simulator/virtual-clock.ts";
import { certificateCredentials, tokenFileCredentials } from "./file-credentials.ts";

const never = new AbortController().signal;

/** Matches a text. */
const like = (pattern: RegExp): unknown => expect.stringMatching(pattern);

/** A file that changes while it is used. */
function changingFile(first: string) {
  const clock = new VirtualClock(0);
  const { log, logged } = keptLog();
  const file = { content: first as string | Error, reads: 0 };
  const readFile = async () => {
    file.reads += 1;
    if (file.content instanceof Error) throw file.content;
    return file.content;
  };
  return { file, reading: { readFile, clock, log }, clock, logged };
}

describe("a token file", () => {
  const start = () => {
    const { reading, ...rest } = changingFile("first\n");
    const credentials = tokenFileCredentials("/token", reading);
    const token = async () => (await credentials.current(never)).token?.reveal();
    return { ...rest, credentials, token };
  };

  test("is read anew after a minute, and not sooner", async () => {
    const { file, clock, token } = start();
    expect(await token()).toBe("first");
    file.content = "second";
    await clock.advance(59_999);
    expect(await token()).toBe("first");
    expect(file.reads).toBe(1);
    await clock.advance(1);
    expect(await token()).toBe("second");
  });

  test("is read anew at once when the server did not accept its token", async () => {
    const { file, credentials, token } = start();
    await token();
    file.content = "second";
    credentials.refused({});
    expect(await token()).toBe("second");
  });

  test.each([
    ["missing", new Error("ENOENT")],
    ["empty", " \n"],
  ])("that is %s for a moment keeps its last token, and says so", async (_, content) => {
    const { file, clock, logged, token } = start();
    await token();
    file.content = content;
    await clock.advance(60_000);
    expect(await token()).toBe("first");
    expect(logged.map(([level, message]) => [level, message])).toEqual([
      ["warn", "A credential file cannot be read again; its last content is used"],
    ]);
    file.content = "second";
    await clock.advance(60_000);
    expect(await token()).toBe("second");
  });

  test("that was never readable is an error", async () => {
    const { file, token } = start();
    file.content = new Error("ENOENT: no such file");
    await expect(token()).rejects.toMatchObject({
      name: "KubernetesError",
      message: like(/\/token.*ENOENT/),
    });
    file.content = "here";
    expect(await token()).toBe("here");
  });
});

test("a client certificate's files are read anew together", async () => {
  const { file, reading, clock } = changingFile("first");
  const credentials = certificateCredentials({ path: "/cert" }, { path: "/key" }, reading);
  const identity = async () => {
    const { cert, key } = (await credentials.current(never)).identity ?? {};
    return [cert, key?.reveal()];
  };
  expect(await identity()).toEqual(["first", "first"]);
  file.content = "second";
  await clock.advance(60_000);
  expect(await identity()).toEqual(["second", "second"]);
  file.content = "third";
  credentials.refused({});
  expect(await identity()).toEqual(["third", "third"]);
});
