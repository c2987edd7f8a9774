/** Characters that a terminal or a log would act upon: controls, line ends of every kind, and those that turn the direction of text. */
const CONTROL = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };
/** Longer than any name that a person gives; far below a line of log. */
const LONGEST = 200;
const LONGEST_LINE = 1_000;
/** Names that a list for people holds: behind so many nobody reads on. */
const MOST_NAMES = 10;

/** A text from outside as one short piece of a line: control characters escaped, what is too long cut. */
export function shown(text: string, longest: number = LONGEST): string {
  const cut = text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
  return cut.replace(CONTROL, escaped);
}

/** A message of several lines: its line ends stay, each line is {@link shown}. */
export function shownLines(text: string): string {
  return text
    .split("\n")
    .map((line) => shown(line, LONGEST_LINE))
    .join("\n");
}

/** The first names, and how many more there are. Looks at no more than it shows. */
export function shownNames(names: Iterable<string>, count: number): string {
  const first: string[] = [];
  for (const name of names) {
    if (first.length === MOST_NAMES) break;
    first.push(shown(name));
  }
  return [...first, ...(count > first.length ? [`${count - first.length} more`] : [])].join(", ");
}

function escaped(character: string): string {
  return SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
