import type { EventStoreDBClient } from '@eventstore/db-client';
import type { LogScan, StoredBytes } from '../../projections/log-scan';
import { readAllExactly } from './exact-events';

const BATCH_EVENTS = 1_000;

const isSystem = (stream: string): boolean => stream.startsWith('$');

/** Scans the log of an event store. */
export const eventStoreScan = (client: EventStoreDBClient): LogScan =>
  async function* scan({ after, upTo }, signal) {
    const from = after === 'start' ? after : { commit: after, prepare: after };
    let batch: StoredBytes[] = [];
    for await (const { position, ...event } of readAllExactly(client, from)) {
      signal.throwIfAborted();
      if (position.commit === after || isSystem(event.stream)) continue;
      if (upTo !== undefined && position.commit > upTo) break;
      batch.push({ ...event, position: position.commit });
      if (batch.length < BATCH_EVENTS) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  };
