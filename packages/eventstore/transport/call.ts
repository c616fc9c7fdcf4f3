/** One gRPC call as a handler sees it, whatever carries it. */
export type Call = {
  /** A value of the metadata that came with the call; the name is lower case. */
  readonly header: (name: string) => string | undefined;
  /** The messages that came, in groups as they arrived together; taking one makes room for the next. */
  readonly requests: AsyncIterable<readonly Buffer[]>;
  /** Queues messages; those of one tick go out together. */
  readonly send: (messages: readonly Buffer[]) => void;
  /** Resolves when the peer has room for more, or the call is over. */
  readonly drained: () => Promise<void>;
  /** Aborts when the peer has gone, the call's deadline has passed or the server stops. */
  readonly signal: AbortSignal;
};

/** Resolves when the call has succeeded, rejects with a CallError for any other status. */
export type Handler = (call: Call) => Promise<void>;

/** Handlers by gRPC path: `/package.Service/Method`. */
export type Routes = ReadonlyMap<string, Handler>;
