import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Notice } from '../frame/notice';
import { ShowMore } from '../frame/show-more';
import { PastList } from './past-list';

type Page<Item> = { readonly items: readonly Item[] };

type PastRowsProps<Item> = {
  readonly asOf: string;
  /** What is listed: `Operations`. */
  readonly name: string;
  readonly query: UseInfiniteQueryResult<InfiniteData<Page<Item>>>;
  /** What to say where nothing was there. */
  readonly none: string;
  readonly narrowing?: ReactNode;
  readonly children: (items: readonly Item[]) => ReactNode;
};

/** A list of one page after the other as it stood then. */
export const PastRows = <Item,>({
  asOf,
  name,
  query,
  none,
  narrowing,
  children,
}: PastRowsProps<Item>) => {
  const { data, error } = query;
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  const isNone = data !== undefined && !query.isPlaceholderData && items.length === 0;
  return (
    <PastList asOf={asOf} isReading={query.isFetching}>
      <title>{`${name} as they stood · Punctual`}</title>
      <div className="head">
        <h1>{name}</h1>
      </div>
      <div className="chips">{narrowing}</div>
      {error && <Notice error={error} onRetry={() => void query.refetch()} />}
      {isNone && (
        <div className="empty">
          <h2>{none}</h2>
          <p>Go to a later moment.</p>
        </div>
      )}
      {!error && items.length > 0 && children(items)}
      <ShowMore query={query} />
    </PastList>
  );
};
