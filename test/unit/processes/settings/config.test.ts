import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '../../../../processes/settings/config';
import { settingDocs } from '../../../../processes/settings/settings';
import { OLD_NAMES } from '../../../../processes/settings/variables';

test('an empty environment is the embedded default', () => {
  expect(parseConfig({})).toMatchObject({
    DATA_DIR: '.data',
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: 8_080,
    processes: undefined,
    apiKeys: [],
  });
});

test('all mistakes are told at once, so that nobody has to start five times', () => {
  const parse = () =>
    parseConfig({
      HTTP_PORT: 'eighty',
      PROCESSES: 'web,clock',
      API_KEYS: 'short:me:user',
      LOG_LEVEL: 'loud',
    });
  expect(parse).toThrow(/HTTP_PORT/);
  expect(parse).toThrow(/clock/);
  expect(parse).toThrow(/API_KEYS entry 1/);
  expect(parse).toThrow(/LOG_LEVEL/);
});

test('a wrong API key is not repeated in the message: it is a secret all the same', () => {
  expect(() => parseConfig({ API_KEYS: 'hunter2-hunter2-hunter2:me:king' })).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('hunter2') as string }) as Error,
  );
});

test('an empty variable is an absent one, as compose files and shells leave them behind', () => {
  expect(parseConfig({ NATS_URL: '', PROCESSES: '' })).not.toHaveProperty('NATS_URL');
});

test('keys and processes are lists', () => {
  const config = parseConfig({
    API_KEYS: '0123456789abcdef:ada:user, fedcba9876543210:olga:operator',
    PROCESSES: 'dispatcher, rescuer',
  });
  expect(config.apiKeys).toEqual([
    { key: '0123456789abcdef', principalId: 'ada', role: 'user' },
    { key: 'fedcba9876543210', principalId: 'olga', role: 'operator' },
  ]);
  expect(config.processes).toEqual(['dispatcher', 'rescuer']);
});

test('requests and pending jobs have sane limits unless told, running jobs and rates have none', () => {
  const config = parseConfig({});
  expect(config).toMatchObject({
    RATE_LIMIT_PER_MINUTE: 60_000,
    PENDING_JOBS_PER_OWNER: 1_000_000,
    ownerQueues: [],
  });
  for (const name of ['RUNNING_JOBS_PER_OWNER', 'RUNNING_JOBS_PER_QUEUE', 'QUEUE_RATE_PER_SECOND'])
    expect(config).not.toHaveProperty(name);
});

test('queues of owners are a list; an owner may have an equals sign', () => {
  const { ownerQueues } = parseConfig({
    OWNER_QUEUES: 'ada=mail|bulk, x=y=mail, olga=*,*=default',
  });
  expect(ownerQueues).toEqual([
    { ownerId: 'ada', queues: ['mail', 'bulk'] },
    { ownerId: 'x=y', queues: ['mail'] },
    { ownerId: 'olga', queues: 'any' },
    { ownerId: '*', queues: ['default'] },
  ]);
});

test.each`
  text                | why
  ${'ada'}            | ${'it names no queue'}
  ${'ada='}           | ${'no queue has an empty name'}
  ${'=mail'}          | ${'it names no owner'}
  ${'ada=mail|b.ulk'} | ${'no queue can have that name'}
  ${'ada=mail|*'}     | ${'any queue needs no others beside it'}
  ${'ada=a,ada=b'}    | ${'one of the two would not count'}
`('OWNER_QUEUES=$text stops the start: $why', ({ text }: { text: string }) => {
  expect(() => parseConfig({ OWNER_QUEUES: text })).toThrow(/OWNER_QUEUES/);
});

test.each(['', 'Acme', '1st', 'a.b', 'a-b', 'a_b', '*', 'x'.repeat(33), 'jobs', 'executor'])(
  'the prefix %j stops the start, or is none: its names would be those of others, or no names at all',
  (prefix) => {
    const parse = () => parseConfig({ PUNCTUAL_SYSTEM_PREFIX: prefix });
    if (prefix === '') expect(parse()).not.toHaveProperty('SYSTEM_PREFIX');
    else expect(parse).toThrow(/PUNCTUAL_SYSTEM_PREFIX is "/);
  },
);

test('a prefix of letters and digits is taken', () => {
  expect(parseConfig({ SYSTEM_PREFIX: 'acme2' }).SYSTEM_PREFIX).toBe('acme2');
});

test('schemes of locations are a list, in any case, and nothing but schemes', () => {
  expect(parseConfig({}).locationSchemes).toEqual(['https', 'http', 's3', 'gs', 'print']);
  expect(parseConfig({ LOCATION_SCHEMES: 'HTTPS, k8s+job' }).locationSchemes).toEqual([
    'https',
    'k8s+job',
  ]);
  for (const wrong of ['https,', 'https://', 'a b', '1x'])
    expect(() => parseConfig({ LOCATION_SCHEMES: wrong })).toThrow(/LOCATION_SCHEMES has/);
});

test('no time is longer than a timer can wait, which would then not wait at all', () => {
  expect(() => parseConfig({ HEARTBEAT_MS: String(2 ** 31) })).toThrow(/HEARTBEAT_MS/);
  expect(parseConfig({ HEARTBEAT_MS: String(2 ** 31 - 1) }).HEARTBEAT_MS).toBe(2 ** 31 - 1);
});

test('docs/settings.md lists every setting with its default and meaning, and the names of those that had another', () => {
  const page = readFileSync(join(__dirname, '../../../../docs/settings.md'), 'utf8');
  const rows = settingDocs.map(
    ({ name, preset, description }) =>
      `| \`${name}\` | ${preset === '' ? '' : `\`${preset}\``} | ${description.replaceAll('|', '\\|')} |`,
  );
  const old = Object.entries(OLD_NAMES).map(([now, before]) => `| \`${before}\` | \`${now}\` |`);
  expect(page.split('\n').filter((line) => line.startsWith('| `'))).toEqual([...rows, ...old]);
});
