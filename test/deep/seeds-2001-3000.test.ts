import { describeSeeds } from "../histories/seeds.ts";

describeSeeds(2001, 3000, 30);
