import { expect, test } from "vitest";
import { textResponse } from "../../http/transport.ts";
import { Secret } from "../../support/secret.ts";
import type { ClientIdentity, Credential, CredentialSource } from "./credentials.ts";
import { rotatingSend } from "./rotating-send.ts";

test("a renewed identity gets connections of its own; the ones before the last are closed", async () => {
  const happened: string[] = [];
  let identity: ClientIdentity | undefined;
  const credentials: CredentialSource = {
    current: async (): Promise<Credential> => ({ ...(identity && { identity }) }),
    refused: () => {},
  };
  const open = (used: ClientIdentity | undefined) => {
    const name = used?.cert ?? "anonymous";
    happened.push(`open ${name}`);
    return {
      send: async () => textResponse(200, {}, name),
      close: async () => void happened.push(`close ${name}`),
    };
  };
  const connections = rotatingSend(open, credentials);
  const send = async (cert?: string, key = "key") => {
    identity = cert === undefined ? undefined : { cert, key: new Secret(key) };
    await connections.send({ method: "GET", url: "https://kube.example/", headers: {} });
  };

  await send();
  await send();
  await send("one");
  await send("one");
  expect(happened).toEqual(["open anonymous", "open one"]);
  await send("one", "renewed key");
  await send("two");
  expect(happened.slice(2)).toEqual(["open one", "close anonymous", "open two", "close one"]);
  await connections.close();
  expect(happened.slice(6)).toEqual(["close one", "close two"]);
});
