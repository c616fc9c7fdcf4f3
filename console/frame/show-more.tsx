import type { UseInfiniteQueryResult } from '@tanstack/react-query';

type ShowMoreProps = {
  readonly query: Pick<
    UseInfiniteQueryResult,
    'hasNextPage' | 'isFetchingNextPage' | 'fetchNextPage'
  >;
  /** The second and third where the list has an order in time. */
  readonly name?: 'Show more' | 'Earlier ones' | 'Later ones';
};

/** Below a list that comes by pages, as long as there is another one. */
export const ShowMore = ({ query, name = 'Show more' }: ShowMoreProps) =>
  query.hasNextPage && (
    <button
      type="button"
      className="link more"
      disabled={query.isFetchingNextPage}
      onClick={() => void query.fetchNextPage()}
    >
      {name}
    </button>
  );
