/** What a scalar is to YAML 1.1. `text` keeps its source; dates are recognised only to be refused with a clear message. */
export type Scalar =
  | { readonly type: "null"; readonly value: null }
  | { readonly type: "boolean"; readonly value: boolean }
  | { readonly type: "integer" | "float"; readonly value: number }
  | { readonly type: "date" | "text"; readonly value: string };

const BOOLEAN = /^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$|^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/;
const TRUE = /^(?:yes|true|on)$/i;
const NULL = /^(?:~|null|Null|NULL|)$/;
const INTEGER = /^[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0[0-7_]+|0|[1-9][0-9_]*(?::[0-5]?[0-9])*)$/;
const DECIMAL = /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+][0-9]+)?$/;
const SEXAGESIMAL = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*$/;
const INFINITE = /^[-+]?\.(?:inf|Inf|INF)$/;
const NOT_A_NUMBER = /^\.(?:nan|NaN|NAN)$/;
/** Nobody writes a number of more characters; Python itself reads at most 4,300 digits. */
export const LONGEST_NUMBER = 1_000;
const DATE = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;
const TIME =
  /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?$/;

/**
 * Reads a plain (unquoted) scalar as PyYAML does, which is stricter than YAML 1.1's specification: `y` is text, `1e3` is text,
 * `08` is text, `010` is eight and `12:30` is 750. A test compares it with PyYAML's own answers.
 */
export function resolvePlain(source: string): Scalar {
  if (NULL.test(source)) return { type: "null", value: null };
  if (isTooLong(source)) return { type: "text", value: source };
  if (BOOLEAN.test(source)) return { type: "boolean", value: TRUE.test(source) };
  const float = floatOf(source);
  if (float !== undefined) return { type: "float", value: float };
  if (INTEGER.test(source)) {
    const integer = integerOf(source);
    if (integer !== undefined) return { type: "integer", value: Number(integer) };
  }
  if (DATE.test(source) || TIME.test(source)) return { type: "date", value: source };
  return { type: "text", value: source };
}

/** Whether it would be a number, but for its length; {@link resolvePlain} takes it for text. */
export function isTooLongNumber(source: string): boolean {
  return isTooLong(source) && [INTEGER, DECIMAL, SEXAGESIMAL].some((pattern) => pattern.test(source));
}

/** Only numbers can be as long as one likes; the work that they make grows with the square of their length. */
function isTooLong(source: string): boolean {
  return source.length > LONGEST_NUMBER;
}

/** The text that Python's `str()` makes of a number that was written so: what the original turns numbers into where it wants text. */
export function numberAsText(scalar: { readonly type: "integer" | "float"; readonly value: number }, source: string) {
  return scalar.type === "integer" ? String(integerOf(source) ?? scalar.value) : pythonFloat(scalar.value);
}

/** Exact, however long; undefined for digits that are all underscores. */
function integerOf(source: string): bigint | undefined {
  const negative = source.startsWith("-");
  const digits = source.replace(/^[-+]/, "").replaceAll("_", "");
  if (digits === "" || digits === "0b" || digits === "0x") return undefined;
  const size = digits.includes(":") ? fromBase60(digits.split(":")) : BigInt(withPrefix(digits));
  return negative ? -size : size;
}

/** JavaScript writes octal `0o17` where YAML 1.1 writes `017`. */
function withPrefix(digits: string): string {
  return /^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits;
}

function fromBase60(parts: readonly string[]): bigint {
  return parts.reduce((sum, part) => sum * 60n + BigInt(part), 0n);
}

function floatOf(source: string): number | undefined {
  if (NOT_A_NUMBER.test(source)) return Number.NaN;
  if (INFINITE.test(source)) return source.startsWith("-") ? -Infinity : Infinity;
  const digits = source.replaceAll("_", "");
  if (DECIMAL.test(source)) return Number(digits);
  if (!SEXAGESIMAL.test(source)) return undefined;
  const size = digits
    .replace(/^[-+]/, "")
    .split(":")
    .reduce((sum, part) => sum * 60 + Number(part), 0);
  return source.startsWith("-") ? -size : size;
}

/** What Python's `str()` makes of a float: the same shortest digits as JavaScript's, in its own notation: `1.0`, `1e-05`, `1e+16`. */
export function pythonFloat(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  const [digits = "0", exponent = "0"] = value.toExponential().split("e");
  const power = Number(exponent);
  if (value !== 0 && (power < -4 || power >= 16)) {
    return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
  }
  // JavaScript writes no exponent between 1e-6 and 1e21, which is wider than what is left here.
  const text = Object.is(value, -0) ? "-0" : String(value);
  return text.includes(".") ? text : `${text}.0`;
}
