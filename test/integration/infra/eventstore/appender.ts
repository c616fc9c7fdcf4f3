import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { closeEventStore, openEventStore } from '../../../../infra/eventstore/client';
import { eventStoreLog } from '../../../../infra/eventstore/event-log';
import { newEvent } from '../../../support/new-event';
import { plainStreams } from '../../../support/names';

/** More bytes than a connection takes from a client whose server does not read. */
const APPENDS = 1_000;

/** A process of its own that appends when told, and says how its appends ended: so that a test sees it die. */
const main = async (): Promise<void> => {
  const client = openEventStore(process.argv[2] ?? '');
  const log = eventStoreLog(client, plainStreams, { deadlineMs: 2_000, tryMs: 1_000 });
  const append = () =>
    log.append(`job-${randomUUID()}`, [newEvent({ text: 'x'.repeat(1_000) })], 'no-stream').then(
      ({ outcome }) => outcome,
      (error: unknown) => (error instanceof Error ? error.name : 'no error'),
    );
  await append();
  process.send?.('ready');
  await once(process, 'message');
  const appending = Array.from({ length: APPENDS }, append);
  process.send?.('appending');
  const ends = await Promise.all(appending);
  await closeEventStore(client);
  process.send?.([...new Set(ends)]);
  process.disconnect();
};

void main();
