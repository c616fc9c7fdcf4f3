import type { EventStoreDBClient } from '@eventstore/db-client';

/** Streaming calls that a client has open: its appends, its reads, its subscriptions. */
export const openCalls = (client: EventStoreDBClient): number =>
  // private to the client, and the only place that knows
  (Reflect.get(client, 'disposableStreams') as ReadonlySet<unknown>).size;
