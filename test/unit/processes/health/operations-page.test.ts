import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../../../..');
const page = readFileSync(join(root, 'docs/operations.md'), 'utf8');

type Row = { readonly wrong: string; readonly tests: readonly string[] };

/** What is wrong with a server, and the tests that the page names for what is said here. */
const rows: readonly Row[] = [
  ...(/\| What is wrong \| Now \| Test \|\n.*\n([^]*?)\n\n/.exec(page)?.[1] ?? '').matchAll(
    /^\| (.*?) \| .* \| (.*?) \|$/gm,
  ),
].map(([, wrong = '', tests = '']) => ({ wrong, tests: tests.split(', ') }));

/** By what is wrong: the tests as the page names them, and a part of the title of one in each that shows it. */
const shown: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'the event store accepts connections and never answers': {
    'integration/infra/eventstore/silent-servers': 'accepted and never answered fails',
    'chaos/two-of-each/faulty-paths': 'and the API is ready again',
  },
  'its user may not read the whole log, or loses that right': {
    'integration/infra/eventstore/rights': 'a right that is lost while running is told',
  },
  'its log was restored from an older copy': {
    'e2e/restored-log': 'a log that is restored from an older copy: every process says so',
  },
  'log, read model and broker are of two systems': {
    'integration/processes/starting/same-system': 'the second is refused by both names',
    'integration/infra/nats/stream-owner': 'comes back as that of another system',
  },
  'a process is missing, killed, frozen or hung': {
    'unit/processes/health/readiness': 'a process that is $case is told',
    'chaos/two-of-each/frozen-and-cut': '/readyz tells what stands still',
  },
  'a pooler in transaction mode before Postgres': {
    'integration/infra/postgres/checks': 'a pooler in $mode mode',
  },
  'a database in another encoding, a search path without a schema': {
    'integration/infra/postgres/checks': 'is refused by its encoding',
  },
  'a role with odd session settings': {
    'integration/infra/postgres/odd-role': 'made, written and read with such a role',
  },
  'a role that may not make partitions': {
    'integration/processes/rows-only': 'is a warning on /readyz',
  },
  'Postgres turns read-only, or its primary is lost': {
    'integration/processes/postgres-failover': 'set to read-only says so on /readyz',
    'chaos/lost-members': 'before, during and after a failover all run',
  },
  'the broker has no JetStream, a stream of another shape, a foreign consumer, a missing right': {
    'integration/infra/nats/checks': 'a foreign consumer that takes the messages is named',
    'integration/processes/open-nats': 'a broker without JetStream ends the start',
  },
  'an executor loses the right to pull, or its consumer, while it runs': {
    'integration/processes/hindered-executors': 'lost the right to pull beats on and says so',
  },
  'the leader of a broker of three is killed for good': {
    'integration/infra/nats/replicas': 'the server that leads the stream dies for good',
    'integration/processes/broker-cluster': 'dies for good in the middle of a load',
  },
  'a message is larger than the broker takes': {
    'integration/processes/message-size': 'the broker will never take ends at once',
  },
  'the disk of the event store is full': {
    'chaos/full-disks': 'of the event store: a 201 is in the log',
  },
  'the disk of the read model is full': {
    'chaos/full-disks': 'of the read model: commands are recorded, /readyz says what is missing',
  },
  'the disk of the broker is full': {
    'chaos/full-disks': 'of the broker with messages in the stream',
    'integration/infra/nats/jetstream-watch': 'a full disk stops JetStream without a word',
  },
  'a clock is more than a second off': {
    'unit/processes/health/readiness': 'a clock that is more than a second off is told',
    'unit/processes/health/clock-watch': 'a server whose clock is 11 s ahead is told',
  },
};

/** A test file, or a part of one. */
const fileOf = (path: string): string => {
  const whole = join(root, 'test', `${path}.test.ts`);
  return existsSync(whole) ? whole : join(root, 'test', `${path}.ts`);
};

test('each server fault of the page has its tests, so that no row outlives what shows it', () => {
  expect(Object.fromEntries(rows.map(({ wrong, tests }) => [wrong, tests]))).toEqual(
    Object.fromEntries(Object.entries(shown).map(([wrong, tests]) => [wrong, Object.keys(tests)])),
  );
  for (const tests of Object.values(shown))
    for (const [path, title] of Object.entries(tests))
      expect(readFileSync(fileOf(path), 'utf8')).toContain(title);
});
