import { SEAL_STREAM } from '../../../../domain/seal/seal';
import { jobStream, metadataStream } from '../../../../domain/ids';
import { SHARES_STREAM } from '../../../../domain/shares/events';
import { SYSTEM_STREAM } from '../../../../domain/system/events';
import { streamNames } from '../../../../infra/eventstore/stream-names';

const job = jobStream('0190f3a0-0000-7000-8000-000000000000');
const own = [job, metadataStream(job), SYSTEM_STREAM, SHARES_STREAM, SEAL_STREAM];
const systems = [undefined, 'acme', 'a', 'acme2', 'job'].map((prefix) => ({
  prefix,
  names: streamNames(prefix),
}));

test.each(own)(
  '%s comes back as it went out, under a name that no other system reads',
  (stream) => {
    for (const { prefix, names } of systems) {
      const stored = names.stored(stream);
      const readers = systems.filter((other) => other.names.own(stored) !== undefined);
      expect(readers.map((reader) => reader.prefix)).toEqual([prefix]);
      expect(names.own(stored)).toBe(stream);
    }
  },
);

test('metadata stays metadata for the server: one that is named otherwise would hide nothing', () => {
  expect(streamNames('acme').stored(metadataStream(job))).toBe(`$$acme.${job}`);
});

test('a system without a prefix leaves alone what a later build of another one adds', () => {
  expect(streamNames(undefined).own('acme.punctual-plans')).toBeUndefined();
});

test.each([
  'billing.invoice-1',
  'job-1',
  'acme.job-1',
  'acme-job-1',
  'Acme.seals',
  'a.b.seals',
  '$x',
])(
  'a system without a prefix has sealed %s of another program with all else, and goes on',
  (stream) => {
    expect(streamNames(undefined).own(stream)).toBe(stream);
  },
);

test.each([...own, 'billing.invoice-1', 'ac.job-1', '$$seals'])(
  'a system with a prefix never sees %s',
  (stream) => {
    expect(streamNames('acme').own(stream)).toBeUndefined();
  },
);
