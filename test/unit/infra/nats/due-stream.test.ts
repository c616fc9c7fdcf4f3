import { RetentionPolicy, StorageType, type StreamConfig } from 'nats';
import { changesTo, flawOf, wantedOf } from '../../../../infra/nats/due-stream';
import { plainBroker } from '../../../support/names';

type Info = Parameters<typeof wantedOf>[0]['info'] & {};

const servedBy = (info: object) => ({ info: info as Info });
const alone = servedBy({ max_payload: 1 });
const three = servedBy({ cluster: 'c', connect_urls: ['a', 'b', 'c'] });
const settings = { maxBytes: 1_000_000 };

/** A stream as it is made, with changes. */
const stream = (changes: Partial<StreamConfig> = {}): StreamConfig =>
  ({
    ...wantedOf(alone, plainBroker, settings),
    retention: RetentionPolicy.Workqueue,
    storage: StorageType.File,
    ...changes,
  }) as StreamConfig;

test.each([
  ['a server alone, whatever is asked for', alone, 3, 1],
  ['three servers', three, undefined, 3],
  ['three servers, one copy asked for', three, 1, 1],
  ['two servers', servedBy({ cluster: 'c', connect_urls: ['a', 'b'] }), undefined, 1],
  ['a cluster that does not name its servers', servedBy({ cluster: 'c' }), undefined, 3],
])('copies for %s', (_, connection, replicas, copies) => {
  expect(wantedOf(connection, plainBroker, { ...settings, replicas }).num_replicas).toBe(copies);
});

test('a stream that is as it should be is not changed', () => {
  expect(changesTo(stream(), wantedOf(alone, plainBroker, settings), plainBroker, {})).toEqual({});
});

test('copies that an administrator has given are not taken away, unless the setting says so', () => {
  const five = stream({ num_replicas: 5 });
  expect(changesTo(five, wantedOf(three, plainBroker, settings), plainBroker, {})).toEqual({});
  const asked = { ...settings, replicas: 3 };
  expect(changesTo(five, wantedOf(three, plainBroker, asked), plainBroker, asked)).toEqual({
    num_replicas: 3,
  });
});

test.each([
  [['jobs.>'], true],
  [['jobs.due.>'], true],
  [['>'], true],
  [['other', 'jobs.*.*.*'], true],
  [['jobs.due.*'], false],
  [['jobs.due.*.*.>'], false],
  [['jobs.due.default.*'], false],
])('subjects %j take in every job: %p', (subjects, isEnough) => {
  const { subjects: changed } = changesTo(
    stream({ subjects }),
    wantedOf(alone, plainBroker, settings),
    plainBroker,
    {},
  );
  expect(changed).toEqual(isEnough ? undefined : [...subjects, 'jobs.due.*.*']);
});

test.each([
  [{ retention: RetentionPolicy.Interest }, 'retention interest'],
  [{ sealed: true }, 'sealed'],
  [{ no_ack: true }, 'no_ack'],
  [{ subjects: ['jobs.due.default.*'] }, 'subjects without'],
])('a stream with %j loses jobs, and is refused', (changes, flaw) => {
  expect(flawOf(stream(changes), plainBroker)).toContain(flaw);
});
