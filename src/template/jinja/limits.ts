/** What a template may cost. A real one makes some 4,000 characters in some 200 steps. */

/** Characters of the text that a template makes, or of any text on the way: what the API server takes at most. */
export const LONGEST_TEXT = 1_000_000;
/** Items of a list. */
export const LONGEST_LIST = 10_000;
/** Tags in one another. */
export const DEEPEST_NESTING = 50;
/** Steps: one for each expression or tag each time it is evaluated, one for each item of a list and for 100 characters of text. */
export const MOST_STEPS = 100_000;
