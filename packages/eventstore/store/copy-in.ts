import type { Client, Submittable } from 'pg';

/** What the types of `pg` leave out of its connection, and what it calls on a query. */
type CopyConnection = {
  readonly stream: { readonly cork: () => void; readonly uncork: () => void };
  readonly query: (text: string) => void;
  readonly sendCopyFromChunk: (chunk: Buffer) => void;
  readonly endCopyFrom: () => void;
};

type CopyQuery = Submittable & {
  readonly handleCopyInResponse: () => void;
  readonly handleCommandComplete: () => void;
  readonly handleReadyForQuery: () => void;
  readonly handleError: (error: Error) => void;
};

/**
 * Runs one `COPY … FROM STDIN`. Statement and rows go out in one write, without waiting for the server's
 * go-ahead: it discards the rows when it refuses the statement. That saves a round trip on each commit.
 */
export const copyIn = (client: Client, statement: string, body: Buffer): Promise<void> =>
  new Promise((resolve, reject) => {
    let failure: Error | undefined;
    const query: CopyQuery = {
      submit: (given) => {
        // the object that pg hands over has these methods, its published types do not
        const connection = given as unknown as CopyConnection;
        connection.stream.cork();
        connection.query(statement);
        connection.sendCopyFromChunk(body);
        connection.endCopyFrom();
        connection.stream.uncork();
      },
      handleCopyInResponse: () => undefined,
      handleCommandComplete: () => undefined,
      handleReadyForQuery: () => (failure ? reject(failure) : resolve()),
      handleError: (error) => {
        failure = error;
        reject(error);
      },
    };
    client.query(query);
  });
