/**
 * What templates can call besides filters, each with the most arguments it takes. Only what gives the same as in Jinja2 is here: an absent
 * name is an error when the template is read, never a different text.
 */
export const FUNCTIONS: Readonly<Record<string, number>> = { range: 3, namespace: 1 };

export const METHODS: Readonly<Record<string, number>> = {
  upper: 0,
  lower: 0,
  strip: 0,
  lstrip: 0,
  rstrip: 0,
  startswith: 1,
  endswith: 1,
  split: 2,
  replace: 3,
  get: 2,
  items: 0,
  keys: 0,
  values: 0,
};

/** What `loop` knows inside a `{% for %}`. */
export const LOOP: readonly string[] = [
  "index",
  "index0",
  "revindex",
  "revindex0",
  "first",
  "last",
  "length",
  "previtem",
  "nextitem",
];

/** Constants, in both of Jinja2's spellings. */
export const CONSTANTS: Readonly<Record<string, boolean | null>> = {
  true: true,
  false: false,
  none: null,
  True: true,
  False: false,
  None: null,
};
