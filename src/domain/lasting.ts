/**
 * For how long this process has seen something to be so of a runner, in every look since, in milliseconds of its monotonic clock. A fact that
 * does not hold, or was seen for the first time just now, has lasted 0; one that stays, once it has come true, at least 1.
 */
export type Lasting = Readonly<Record<Fact, number>>;

export const FACTS = [
  /** Its registration is listed. */
  "registered",
  /** It has a Job, and its registration is not listed. */
  "unregistered",
  /** No pod of it is listed. */
  "podless",
  /** No Job of it is listed. */
  "jobless",
  /** Kept from new steps, as one and the same flavour of the API shows it. */
  "disabled",
  /** Disabled, and shown without a step. */
  "disabledAndIdle",
  /** Not disabled. */
  "enabled",
  "offline",
  /** An agent of it has started, and none has ever reached Bitbucket. */
  "unconnected",
  /** A container beside its agent is down. */
  "helperDown",
  /** Its Secret holds nothing. */
  "voided",
  /** Its registration has been listed at some time; stays so. */
  "everRegistered",
  /** Somebody enabled it after it had been seen held; stays so. */
  "freed",
] as const;

export type Fact = (typeof FACTS)[number];

/** Of a runner that is seen for the first time. */
export const NOTHING_LASTED: Lasting = {
  registered: 0,
  unregistered: 0,
  podless: 0,
  jobless: 0,
  disabled: 0,
  disabledAndIdle: 0,
  enabled: 0,
  offline: 0,
  unconnected: 0,
  helperDown: 0,
  voided: 0,
  everRegistered: 0,
  freed: 0,
};

/** When something was read, by the monotonic clock of the process that did. */
export interface ReadTime {
  readonly begunAt: number;
  readonly endedAt: number;
}
