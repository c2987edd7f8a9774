import * as z from "zod";
import { parseJson } from "../../support/json.ts";
import { UnexpectedResponse } from "../errors.ts";
import type { ApiResponse } from "./send-once.ts";

/** Bitbucket's longest page; it holds every runner that a scope may have. */
export const PAGE_LENGTH = 100;
/** More pages than any scope can fill: the server leads in circles. */
const MOST_PAGES = 50;

const Page = z.object({
  values: z.array(z.unknown()),
  next: z.string().nullish(),
  size: z.unknown().optional(),
});

/** A list that was read to its end. */
export interface Pages {
  readonly values: readonly unknown[];
  /** How many there were. */
  readonly pages: number;
  /**
   * When it took more than one page: how many values there are according to the last page. Fewer different ones mean that the list changed
   * between the pages and some were missed. Undefined when it does not say, or when one page had them all.
   */
  readonly promised: number | undefined;
}

/**
 * The values of a paged list, from its first page to its last: all or nothing.
 *
 * @param firstUrl where `first` came from.
 * @param ask gets a further page; throws when that is not a page.
 * @throws {UnexpectedResponse} when a page is none, leads to another server, or leads back.
 */
export async function allValues(
  request: string,
  firstUrl: string,
  first: ApiResponse,
  ask: (url: string) => Promise<ApiResponse>,
): Promise<Pages> {
  const values: unknown[] = [];
  const seen = new Set([firstUrl]);
  for (let response = first; ; ) {
    const page = Page.safeParse(parseJson(response.text));
    if (!page.success) throw new UnexpectedResponse(request, "no page of values");
    for (const value of page.data.values) values.push(value);

    const next = page.data.next;
    if (next === undefined || next === null || next === "") {
      const { size } = page.data;
      return { values, pages: seen.size, promised: seen.size > 1 && typeof size === "number" ? size : undefined };
    }
    const url = nextUrl(next, firstUrl);
    if (url === undefined) throw new UnexpectedResponse(request, "its next page is on another server");
    if (seen.has(url)) throw new UnexpectedResponse(request, "its pages go round in circles");
    if (seen.size === MOST_PAGES) throw new UnexpectedResponse(request, `more than ${MOST_PAGES} pages`);
    seen.add(url);
    response = await ask(url);
  }
}

/** The credential goes along with every page: it must not leave for another origin. */
function nextUrl(next: string, from: string): string | undefined {
  if (!URL.canParse(next, from)) return undefined;
  const url = new URL(next, from);
  return url.origin === new URL(from).origin ? url.href : undefined;
}
