import { Readable } from 'node:stream';
import type { EventStoreDBClient } from '@eventstore/db-client';
import { AppendOutcomeUnknown } from '../../../../domain/event-log';
import { eventStoreLog } from '../../../../infra/eventstore/event-log';
import { newEvent } from '../../../support/new-event';
import { plainStreams } from '../../../support/names';

const event = (streamId: string, revision: bigint, commit: bigint) => ({
  event: { id: 'e', streamId, type: 'T', data: {}, metadata: {}, revision },
  commitPosition: commit,
});
type Reads = { readonly stream: readonly object[]; readonly all: readonly object[] };

/** A server that answers a repeated append without its position, as a real one does for an event that is gone. */
const clientOf = ({ stream, all }: Reads, read: () => Readable = () => Readable.from(stream)) => {
  const client = {
    appendToStream: () => Promise.resolve({ success: true, nextExpectedRevision: 3n }),
    readStream: read,
    readAll: () => Readable.from(all),
  };
  return client as unknown as EventStoreDBClient; // what the log uses of it
};
const append = (client: EventStoreDBClient) =>
  eventStoreLog(client, plainStreams, { deadlineMs: 300, tryMs: 100, draw: () => 0 }).append(
    'job-1',
    [newEvent()],
    2n,
  );

test('an append without a position has been done: its position is where its stream has it', async () => {
  const client = clientOf({ stream: [event('job-1', 3n, 700n)], all: [event('job-2', 0n, 900n)] });
  expect(await append(client)).toEqual({ outcome: 'appended', revision: 3n, position: 700n });
});

test('when the event was truncated, the end of the log is a position that shows it too', async () => {
  for (const stream of [[], [event('job-1', 5n, 800n)]])
    expect(await append(clientOf({ stream, all: [event('job-2', 0n, 900n)] }))).toEqual({
      outcome: 'appended',
      revision: 3n,
      position: 900n,
    });
});

test('when nobody says where, the outcome is unknown, not refused: it was done', async () => {
  const silent = () =>
    Object.assign(new Readable({ read: () => undefined }), {
      cancel: () => Promise.resolve(),
    });
  await expect(append(clientOf({ stream: [], all: [] }, silent))).rejects.toThrow(
    AppendOutcomeUnknown,
  );
});
