import type { BitbucketBehaviour } from "../behaviour.ts";
import { errorReply, jsonReply, type Reply } from "./replies.ts";

const DEFAULT_PAGELEN = 10;
const LONGEST_PAGELEN = 100;

/** One page of a list as `page` and `pagelen` ask for it, with the link to the next. */
export function pageReply<Item>(
  items: readonly Item[],
  url: URL,
  behaviour: BitbucketBehaviour,
  body: (item: Item) => unknown,
): Reply {
  const page = positiveInteger(url.searchParams.get("page") ?? "1");
  const asked = positiveInteger(url.searchParams.get("pagelen") ?? String(DEFAULT_PAGELEN));
  if (page === undefined) return errorReply(behaviour, 400, "Invalid page");
  if (asked === undefined || asked > LONGEST_PAGELEN) return errorReply(behaviour, 400, "Invalid pagelen");
  const pagelen = Math.min(asked, behaviour.maxPagelen);
  const from = (page - 1) * pagelen;
  const next = new URL(url);
  next.searchParams.set("page", String(page + 1));
  return jsonReply(200, {
    page,
    pagelen,
    ...(behaviour.listsSize && { size: items.length }),
    ...(from + pagelen < items.length && { next: next.href }),
    values: items.slice(from, from + pagelen).map(body),
  });
}

function positiveInteger(text: string): number | undefined {
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}
