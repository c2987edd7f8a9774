/** What a template may cost. A real one makes some 4,000 characters in some 200 steps. */

/** Characters of the text that a template makes, or of any text on the way: what the API server takes at most. */
export const LONGEST_TEXT = 1_000_000;
/** Items of a list. */
export const LONGEST_LIST = 10_000;
/** Words and signs in all tags together: a real template has some 300. */
export const MOST_TOKENS = 200_000;
/** Tags in one another. */
export const DEEPEST_NESTING = 50;
/** Brackets, operators and filters in one another, in one tag. */
export const DEEPEST_EXPRESSION = 100;
/** Tags, expressions, macros and lists in one another while a template runs; far below what Node's stack takes. */
export const DEEPEST_RUN = 600;
/** Steps: one for each expression or tag each time it is evaluated, one for each item of a list and for 100 characters of text. */
export const MOST_STEPS = 100_000;
/** Problems that are told at once: behind so many, more would not help. */
export const MOST_PROBLEMS = 50;
