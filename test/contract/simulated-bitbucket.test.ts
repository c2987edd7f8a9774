import { describe } from "vitest";
import { bitbucketContract } from "./bitbucket.ts";
import { REACHES } from "./reach.ts";

describe.each(REACHES)("the Bitbucket adapter, on the simulated Bitbucket, %s", (_how, reach) => {
  bitbucketContract(reach);
});
