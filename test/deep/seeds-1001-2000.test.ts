import { describeSeeds } from "../histories/seeds.ts";

describeSeeds(1001, 2000, 30);
