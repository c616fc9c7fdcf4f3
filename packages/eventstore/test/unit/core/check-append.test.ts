import { checkExpected, type StreamState } from '../../../core/check-append';
import { tombstoneRevision } from '../../../core/events';
import { noMetadata, parseStreamMetadata, softDeleteData } from '../../../core/stream-metadata';

const softDeleted = parseStreamMetadata(softDeleteData(noMetadata));
const states: Readonly<Record<string, StreamState>> = {
  'a new stream': { revision: -1, metadata: noMetadata },
  'a stream at 2': { revision: 2, metadata: noMetadata },
  'a soft-deleted stream at 2': { revision: 2, metadata: softDeleted },
  'a tombstoned stream': { revision: tombstoneRevision, metadata: noMetadata },
};

test.each`
  state                           | any                 | noStream            | exists              | at2                 | at1                 | at7
  ${'a new stream'}               | ${'ok'}             | ${'ok'}             | ${'unwritten'}      | ${'ahead'}          | ${'ahead'}          | ${'ahead'}
  ${'a stream at 2'}              | ${'ok'}             | ${'behind'}         | ${'ok'}             | ${'ok'}             | ${'behind'}         | ${'ahead'}
  ${'a soft-deleted stream at 2'} | ${'ok'}             | ${'behind'}         | ${'stream-deleted'} | ${'ok'}             | ${'behind'}         | ${'ahead'}
  ${'a tombstoned stream'}        | ${'stream-deleted'} | ${'stream-deleted'} | ${'stream-deleted'} | ${'stream-deleted'} | ${'stream-deleted'} | ${'stream-deleted'}
`('$state answers each expectation as EventStoreDB does', ({ state, ...row }) => {
  const given = states[state as string];
  if (!given) throw new Error(`no state named ${String(state)}`);
  expect({
    any: checkExpected('any', given),
    noStream: checkExpected('no-stream', given),
    exists: checkExpected('stream-exists', given),
    at2: checkExpected(2, given),
    at1: checkExpected(1, given),
    at7: checkExpected(7, given),
  }).toEqual(row);
});
