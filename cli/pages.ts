import type { Api } from './api';

/** The most that the API gives at once. */
const PAGE = 200;

type Page<Item> = { readonly items: readonly Item[]; readonly nextCursor?: string };

export type Listed<Item> = { readonly items: readonly Item[]; readonly hasMore: boolean };

/**
 * The first items of a list of the API, page by page.
 *
 * @param path    of the list, `/v1/schedules`
 * @param filter  parameters of the query; those that are undefined are left out
 */
export const listed = async <Item>(
  ask: Api['ask'],
  path: string,
  filter: Readonly<Record<string, string | undefined>>,
  limit: number,
): Promise<Listed<Item>> => {
  const items: Item[] = [];
  let cursor: string | undefined;
  do {
    const query = new URLSearchParams({ limit: String(Math.min(PAGE, limit - items.length)) });
    for (const [name, value] of Object.entries({ ...filter, cursor }))
      if (value !== undefined) query.set(name, value);
    const page = await ask<Page<Item>>('GET', `${path}?${query.toString()}`);
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined && items.length < limit);
  return { items, hasMore: cursor !== undefined };
};
