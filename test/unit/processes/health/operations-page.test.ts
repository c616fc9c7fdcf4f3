import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rowsUnder } from '../../../support/doc-tables';

const root = join(__dirname, '../../../..');
const page = readFileSync(join(root, 'docs/operations.md'), 'utf8');

const rows = rowsUnder(page, '| What is wrong | Before | Now | Test |').map(
  ([wrong = '', before = '', now = '', tests = '']) => ({
    ...{ wrong, before, now },
    tests: tests.split(', '),
  }),
);

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
  'its log is a new one beside the read model of another (a deleted `DATA_DIR`)': {
    'integration/processes/starting/same-system':
      'a new log beside the read model of another is refused',
  },
  'two systems on one read model': {
    'integration/processes/starting/same-system': 'the second is refused by both names',
    'e2e/restored-log': 'a second system on the read model or the broker of the first ends',
  },
  'two systems on one broker': {
    'integration/infra/nats/stream-owner': 'comes back as that of another system',
    'e2e/restored-log': 'a second system on the read model or the broker of the first ends',
  },
  "its clock is 11 s ahead of a program's": {
    'integration/infra/eventstore/outages': 'whose clock is 11 s behind',
    'unit/processes/health/readiness': 'a clock that is more than a second off is told',
    'unit/processes/health/clock-watch': 'a server whose clock is 11 s ahead is told',
  },
  'a new read model has 80,000 events before it': {
    'integration/processes/ready-means-ready': 'with eighty thousand events before it says so',
  },
  'a process is missing, killed, frozen or hung': {
    'unit/processes/health/readiness': 'a process that is $case is told',
    'chaos/two-of-each/frozen-and-cut': '/readyz tells what stands still',
  },
  'a pooler in transaction mode before Postgres': {
    'integration/infra/postgres/checks': 'a pooler in $mode mode',
    'integration/processes/starting/postgres-start': 'behind a pooler in transaction mode ends',
  },
  'a database in another encoding': {
    'integration/infra/postgres/checks': 'is refused by its encoding',
  },
  'a search path without a schema': {
    'integration/infra/postgres/checks': 'a search path that names no schema is refused by name',
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
  'the broker has no JetStream': {
    'integration/infra/nats/checks': 'a server without JetStream',
    'integration/processes/open-nats': 'a broker without JetStream ends the start',
  },
  'its limit of unacknowledged messages is below what is asked for': {
    'integration/infra/nats/checks':
      'a limit of unacknowledged messages below what is asked for is kept to',
  },
  'its user may not publish, or not ask `executor.…`': {
    'integration/infra/nats/checks': '$user without $right is told so',
  },
  'a foreign consumer on the stream of due jobs': {
    'integration/infra/nats/checks': 'a foreign consumer that takes the messages is named',
  },
  'a stream of due jobs with another retention': {
    'integration/infra/nats/checks': 'a stream in which jobs would get lost is refused',
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

/** What `/readyz` may be now, or that nothing gets as far as to be asked. */
const VERDICTS =
  /^(503 `[a-z-]+`|the start (of the second )?is refused|works|200, `[a-z-]+` warns|commands are recorded; 503 `[a-z-]+`|its beats say so: `[a-z-]+` warns|jobs go on|that job ends)/;

test('where /readyz was 200 while nothing ran it says now what is wrong, or the start is refused, or jobs run', () => {
  const were = rows.filter(({ before }) => before.startsWith('**200**'));
  expect(were.length).toBeGreaterThanOrEqual(14);
  expect(rows.filter(({ now }) => !VERDICTS.test(now))).toEqual([]);
  expect(rows.filter(({ before }) => before === '')).toEqual([]);
});

test('the conditions that the page names are those of /readyz', () => {
  const source = readFileSync(join(root, 'processes/health/readiness.ts'), 'utf8');
  const named = rows.flatMap(({ now }) => [
    ...now.matchAll(/(?<=503 )`([a-z-]+)`|`([a-z-]+)`(?= warns)/g),
  ]);
  expect(named.length).toBeGreaterThan(10);
  for (const [, failing, warning] of named)
    expect(source).toContain(`name: '${failing ?? warning ?? ''}'`);
});
