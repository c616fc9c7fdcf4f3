import type { Pool, Submittable } from 'pg';

/** What the types of `pg` leave out of its connection, and what it calls and sets on a query. */
type CopyConnection = { readonly query: (text: string) => void };

type CopyQuery = Submittable & {
  /** Set by `pg`: ends the query for its pool and its time-out. */
  callback?: (error: Error | undefined) => void;
  readonly handleCopyData: (message: { readonly chunk: Buffer }) => void;
  readonly handleCommandComplete: () => void;
  readonly handleReadyForQuery: () => void;
  readonly handleError: (error: Error) => void;
};

/**
 * Runs one `COPY … TO STDOUT`: the only way by which `pg` gives bytes as they are, for it reads every column of a
 * query as text.
 *
 * @param onChunk  takes each piece, one row or a part of the format, whose bytes are written over after the call
 */
export const copyOut = async (
  pool: Pool,
  statement: string,
  onChunk: (chunk: Buffer) => void,
): Promise<void> => {
  const query: CopyQuery = {
    submit: (given) => {
      // the object that pg hands over has this method, its published types do not
      (given as unknown as CopyConnection).query(statement);
    },
    handleCopyData: ({ chunk }) => onChunk(chunk),
    handleCommandComplete: () => undefined,
    handleReadyForQuery: () => query.callback?.(undefined),
    handleError: (error) => query.callback?.(error),
  };
  // a promise, as for any other query; the published types say otherwise
  await (pool.query(query) as unknown as Promise<unknown>);
};
