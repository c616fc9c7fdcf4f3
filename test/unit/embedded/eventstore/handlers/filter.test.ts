import type { RecordedEvent } from '../../../../../embedded/eventstore/core/events';
import { filteredMessages, matcher } from '../../../../../embedded/eventstore/handlers/filter';
import { CallError } from '../../../../../embedded/eventstore/wire/call-error';
import { ReadResp } from '../../../../../embedded/eventstore/wire/generated';
import type { SubscriptionFilter } from '../../../../../embedded/eventstore/wire/requests';

const event = (sequence: number, stream: string, type: string): RecordedEvent => ({
  sequence,
  stream,
  revision: 0,
  id: Buffer.alloc(16),
  type,
  isJson: true,
  createdMs: 0,
  data: Buffer.alloc(0),
  metadata: Buffer.alloc(0),
});

const filter = (given: Partial<SubscriptionFilter>): SubscriptionFilter => ({
  on: 'stream',
  prefixes: [],
  regex: undefined,
  checkpointEvery: 32,
  ...given,
});

test.each`
  given                                | stream     | type    | matches  | why
  ${{ prefixes: ['job-'] }}            | ${'job-1'} | ${'T'}  | ${true}  | ${'the name begins so'}
  ${{ prefixes: ['x-', 'job-'] }}      | ${'job-1'} | ${'T'}  | ${true}  | ${'any prefix will do'}
  ${{ prefixes: ['job-'] }}            | ${'ajob-'} | ${'T'}  | ${false} | ${'a prefix is at the start'}
  ${{ on: 'type', prefixes: ['Job'] }} | ${'Job'}   | ${'X'}  | ${false} | ${'only the type counts'}
  ${{ on: 'type', regex: '^[^$].*' }}  | ${'s'}     | ${'$m'} | ${false} | ${'the client excludes system events so'}
  ${{ on: 'type', regex: '^[^$].*' }}  | ${'s'}     | ${'m'}  | ${true}  | ${'the client excludes system events so'}
`('$given on $stream/$type: $why', ({ given, stream, type, matches }) => {
  const test = matcher(filter(given as Partial<SubscriptionFilter>));
  expect(test(event(1, stream as string, type as string))).toBe(matches);
});

test('a regular expression that does not compile is the caller’s mistake', () => {
  expect(() => matcher(filter({ regex: '(' }))).toThrow(CallError);
});

test('a checkpoint follows each window of scanned events, whether they matched or not, across batches', () => {
  const messages = filteredMessages(filter({ prefixes: ['a'], checkpointEvery: 3 }));
  const read = (buffers: readonly Buffer[]) =>
    buffers.map((buffer) => {
      const response = ReadResp.deserializeBinary(buffer);
      const checkpoint = response.getCheckpoint();
      if (checkpoint) return `checkpoint ${checkpoint.getCommitPosition()}`;
      return `event ${response.getEvent()?.getCommitPosition()}`;
    });
  expect(read(messages([event(1, 'b', 't'), event(2, 'a', 't')]))).toEqual(['event 256']);
  expect(read(messages([event(3, 'b', 't'), event(4, 'a', 't')]))).toEqual([
    'checkpoint 384',
    'event 512',
  ]);
});
