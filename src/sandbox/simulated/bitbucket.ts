import type { Settings } from "../../domain/settings.ts";
import type { Send } from "../../http/transport.ts";
import { documentedConsumer } from "../../simulation/identity.ts";
import { type GroupPlace, makePlaces } from "../../simulation/places.ts";
import { bitbucketHttp } from "../../simulator/bitbucket/api/http.ts";
import { BitbucketWorld } from "../../simulator/bitbucket/world.ts";
import { type FaultRates, randomFaults, withFaults } from "../../simulator/faults.ts";
import type { Clock } from "../../support/clock.ts";
import { type Random, randomName, seededRandom } from "../../support/random.ts";
import { Secret } from "../../support/secret.ts";

/** The simulated Bitbucket of a sandbox. */
export interface SimulatedBitbucket {
  readonly world: BitbucketWorld;
  readonly places: readonly GroupPlace[];
  /** Of the consumer that controller and cleaner log in as. */
  readonly clientId: string;
  readonly clientSecret: Secret;
  /** Its REST API, with the scenario's faults in between. */
  readonly send: Send;
}

const CLIENT_ID_LENGTH = 18;
const CLIENT_SECRET_LENGTH = 32;

/** A Bitbucket with what a configuration names in it, and a consumer set up as the documentation says. */
export function simulateBitbucket(
  settings: Settings,
  deps: { readonly clock: Clock; readonly seed: number; readonly random: Random; readonly faults: FaultRates },
): SimulatedBitbucket {
  const { clock, seed, random, faults } = deps;
  const world = new BitbucketWorld({ clock, random: seededRandom(seed) });
  const places = makePlaces(world, settings);
  const clientId = randomName(random, CLIENT_ID_LENGTH);
  const clientSecret = new Secret(randomName(random, CLIENT_SECRET_LENGTH));
  world.credentials.addConsumer(documentedConsumer(clientId, clientSecret.reveal()));
  const choose = randomFaults(seededRandom(seed + 1), faults);
  return { world, places, clientId, clientSecret, send: withFaults(bitbucketHttp(world), { clock, choose }) };
}
