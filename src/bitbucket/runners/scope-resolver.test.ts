import { describe, expect, test } from "vitest";
import {
  type Answer,
  json,
  rejection,
  restOptions,
  scriptedBitbucket,
  unaborted,
} from "../../../test/support/scripted-bitbucket.ts";
import { textResponse } from "../../http/transport.ts";
import { VirtualClock } from "../../simulator/virtual-clock.ts";
import { NotAdministrator, UnexpectedResponse, UnknownRepository, UnknownWorkspace } from "../errors.ts";
import { restBitbucket } from "../rest.ts";

const workspace = { type: "workspace", uuid: "{w-1}", slug: "acme", name: "Acme Ltd" };
const repository = { type: "repository", uuid: "{r-1}", slug: "shop", full_name: "acme/shop", name: "The shop" };
const missing = () => textResponse(404, {}, "");

function resolver(answer: Answer) {
  const clock = new VirtualClock(0);
  const { send, received } = scriptedBitbucket(answer);
  const bitbucket = restBitbucket(restOptions(clock, send));
  return {
    clock,
    resolve: (workspaceName: string, repositoryName?: string) =>
      bitbucket.resolve(
        { workspace: workspaceName, ...(repositoryName !== undefined && { repository: repositoryName }) },
        unaborted,
      ),
    paths: () => received.map(({ path }) => path),
  };
}

describe("resolve", () => {
  test("a workspace, by slug or uuid", async () => {
    const { resolve, paths } = resolver(() => json(200, workspace));
    expect(await resolve("acme")).toEqual({ workspace: { uuid: "{w-1}", slug: "acme" } });
    expect(await resolve("{w-1}")).toEqual({ workspace: { uuid: "{w-1}", slug: "acme" } });
    expect(paths()).toEqual(["/2.0/workspaces/acme", "/2.0/workspaces/%7Bw-1%7D"]);
  });

  test("is remembered, and asked once by many", async () => {
    const { clock, resolve, paths } = resolver(() => json(200, workspace));
    await Promise.all([resolve("acme"), resolve("acme"), resolve("acme")]);
    await clock.advance(1e9);
    await resolve("acme");
    expect(paths()).toHaveLength(1);
  });

  const scope = { workspace: { uuid: "{w-1}", slug: "acme" }, repository: { uuid: "{r-1}", slug: "shop" } };

  test("a repository that tells of its workspace takes one request", async () => {
    const { resolve, paths } = resolver(() => json(200, { ...repository, workspace }));
    expect(await resolve("acme", "shop")).toEqual(scope);
    expect(paths()).toEqual(["/2.0/repositories/acme/shop"]);
  });

  test.each([repository, { ...repository, slug: null }, { uuid: "{r-1}" }])(
    "a repository that does not: %j",
    async (resource) => {
      const { resolve, paths } = resolver(({ path }) =>
        json(200, path.includes("/repositories/") ? resource : workspace),
      );
      expect(await resolve("acme", "shop")).toEqual(scope);
      expect(paths()).toEqual(["/2.0/repositories/acme/shop", "/2.0/workspaces/acme"]);
    },
  );

  test("says whether the workspace or the repository is unknown", async () => {
    const nothing = resolver(missing);
    expect(await rejection(nothing.resolve("acme"))).toBeInstanceOf(UnknownWorkspace);
    expect(await rejection(nothing.resolve("acme", "shop"))).toBeInstanceOf(UnknownWorkspace);
    const noRepository = resolver(({ path }) => (path.includes("/repositories/") ? missing() : json(200, workspace)));
    const failure = await rejection(noRepository.resolve("acme", "shop"));
    expect(failure).toBeInstanceOf(UnknownRepository);
    expect(String(failure)).toContain("acme/shop");
  });

  test("what is unknown is asked about again after a minute", async () => {
    let exists = false;
    const { clock, resolve, paths } = resolver(() => (exists ? json(200, workspace) : missing()));
    await rejection(resolve("acme"));
    exists = true;
    await clock.advance(59_999);
    expect(await rejection(resolve("acme"))).toBeInstanceOf(UnknownWorkspace);
    expect(paths()).toHaveLength(1);
    await clock.advance(1);
    expect((await resolve("acme")).workspace.slug).toBe("acme");
  });

  test.each([
    ["403", textResponse(403, {}, ""), NotAdministrator],
    ["no workspace in the reply", json(200, { uuid: "{w-1}" }), UnexpectedResponse],
    ["no JSON", textResponse(200, {}, "<html>"), UnexpectedResponse],
  ])("%s is an error", async (_what, response, type) => {
    expect(await rejection(resolver(() => response).resolve("acme"))).toBeInstanceOf(type);
  });

  test("names cannot climb out of their place in the path", async () => {
    const { resolve, paths } = resolver(() => json(200, { ...repository, ...workspace }));
    for (const name of ["", ".", ".."]) {
      expect(await rejection(resolve(name))).toBeInstanceOf(UnknownWorkspace);
      expect(await rejection(resolve("acme", name))).toBeInstanceOf(UnknownRepository);
    }
    expect(paths()).toEqual([]);
    await resolve("a/../b?x#y");
    expect(paths()).toEqual(["/2.0/workspaces/a%2F..%2Fb%3Fx%23y"]);
  });
});
