import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EventStoreDBClient, binaryEvent, jsonEvent, NO_STREAM } from '@eventstore/db-client';
import { startEventStoreServer, type EventStoreServer } from '@punctual/eventstore';
import { startPostgres, type EmbeddedPostgres } from '../../embedded/postgres';
import { closeEventStore } from '../../infra/eventstore/client';
import { losslessAppends } from '../../infra/eventstore/lossless-appends';
import { placePostgres, throwAwaySettings } from '../support/prepared-postgres';
import { isServersOwn } from '../support/reading';
import { tempFolder } from '../support/temp-folder';
import { until } from '../support/until';
import { runBuiltVerb, runVerb, startVerb } from '../support/verb';

let folder: Awaited<ReturnType<typeof tempFolder>>;
let postgres: EmbeddedPostgres;
beforeAll(async () => {
  folder = await tempFolder('log-export');
  const dataDir = join(folder.path, 'postgres');
  await placePostgres(dataDir);
  postgres = await startPostgres({ dataDir, settings: throwAwaySettings });
});
afterAll(async () => {
  await postgres.stop();
  await folder.remove();
});

type Store = { readonly server: EventStoreServer; readonly client: EventStoreDBClient };
let schemas = 0;
const opened: Store[] = [];
const openStore = async (): Promise<Store> => {
  const server = await startEventStoreServer({
    postgresUrl: postgres.url,
    schema: `store_${(schemas += 1)}`,
    host: '127.0.0.1',
    port: 0,
    log: () => undefined,
  });
  const store = { server, client: EventStoreDBClient.connectionString(server.url) };
  opened.push(store);
  return store;
};
afterEach(async () => {
  for (const { client, server } of opened.splice(0)) {
    await closeEventStore(client);
    await server.close();
  }
});

const fileNamed = (name: string): string => join(folder.path, name);
const exported = async ({ server }: Store, name: string): Promise<string> => {
  const file = fileNamed(name);
  const { code, errors } = await runVerb(['eventstore-export', '--url', server.url, '--out', file]);
  expect({ code, errors }).toMatchObject({ code: 0 });
  return file;
};
const imported = ({ server }: Store, file: string, ...flags: readonly string[]) =>
  runVerb(['eventstore-import', '--url', server.url, '--in', file, ...flags]);

type Told = Readonly<Record<string, unknown>>;
/** Without what the server itself begins a log with. */
const linesIn = async (file: string): Promise<readonly Told[]> =>
  (await readFile(file, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Told) // an export writes objects
    .filter(({ stream }) => !isServersOwn(String(stream)));

/** What a line says of the event itself, and not of when and where it was stored. A server makes the id of a tombstone. */
const lasting = (line: Told): Told => {
  const { position: _position, created: _created, crc32: _crc32, ...kept } = line;
  // both are written by the server that ends a stream or begins one anew
  const isOfServer = kept['type'] === '$streamDeleted' || kept['stream'] === '$$recreated';
  return isOfServer ? { ...kept, id: 'any' } : kept;
};
const byStream = (lines: readonly Told[]): Told =>
  lines.map(lasting).reduce<Record<string, Told[]>>((streams, line) => {
    const stream = String(line['stream']);
    (streams[stream] ??= []).push(line);
    return streams;
  }, {});

const event = (n = 0) => jsonEvent({ type: 'Happened', data: { n } });

/** One of everything that a log can hold. */
const fill = async ({ client }: Store): Promise<void> => {
  await client.appendToStream('süß/日本 "quoted"', [event(1), event(2)]);
  await client.appendToStream('binary', [
    binaryEvent({
      type: 'Raw',
      data: new Uint8Array([0, 255, 10, 13]),
      metadata: Buffer.from([7]),
    }),
    binaryEvent({ type: 'Empty', data: new Uint8Array(0) }),
  ]);
  await client.appendToStream('with-metadata', {
    ...event(3),
    metadata: { $correlationId: 'c', text: 'ü' },
  });
  await losslessAppends(client)('odd-json', -1n, [
    ...[
      '{"a": 1.0}',
      '{"b":1,"a":2,"1":3}',
      '9007199254740993',
      '{"a":1,"a":2}',
      '',
      'no json',
    ].map((text) => ({
      ...event(),
      data: Buffer.from(text),
      metadata: Buffer.from('{ "x" : 1e2 }'),
    })),
  ]);
  await client.appendToStream(
    'truncated',
    Array.from({ length: 5 }, (_, n) => event(n)),
  );
  await client.setStreamMetadata('truncated', { truncateBefore: 3, acl: { readRoles: ['r'] } });
  await client.appendToStream('recreated', [event(1), event(2)]);
  await client.deleteStream('recreated');
  await client.appendToStream('recreated', event(3), { expectedRevision: NO_STREAM });
  await client.appendToStream('deleted', event());
  await client.deleteStream('deleted');
  await client.appendToStream('entombed', [event(1), event(2)]);
  await client.tombstoneStream('entombed');
  const link = jsonEvent({ type: '$>', data: {} });
  await losslessAppends(client)('links', -1n, [
    { ...link, data: Buffer.from('0@binary'), metadata: Buffer.alloc(0) },
  ]);
  for (let n = 0; n < 50; n += 1) await client.appendToStream(`many-${n % 7}`, event(n));
};

test('a log moves to another store and back with streams, revisions, ids, types and bytes as they were', async () => {
  const [here, there, back] = [await openStore(), await openStore(), await openStore()];
  await fill(here);
  const original = await exported(here, 'original');
  expect(await imported(there, original)).toMatchObject({ code: 0 });
  const moved = await exported(there, 'moved');
  expect(await imported(back, moved)).toMatchObject({ code: 0 });
  const returned = await exported(back, 'returned');

  const lines = await linesIn(original);
  expect(lines.length).toBeGreaterThan(70);
  expect(byStream(await linesIn(moved))).toEqual(byStream(lines));
  expect(byStream(await linesIn(returned))).toEqual(byStream(lines));
  await expect(back.client.appendToStream('entombed', event())).rejects.toMatchObject({
    type: 'stream-deleted',
  });
  const shown: bigint[] = [];
  for await (const { event: read } of back.client.readStream('truncated'))
    shown.push(read?.revision ?? -1n);
  expect(shown).toEqual([3n, 4n]);
});

test('with one append at a time the order of the whole log is kept too', async () => {
  const [here, there] = [await openStore(), await openStore()];
  await fill(here);
  const original = await exported(here, 'in-order');
  expect(await imported(there, original, '--in-flight', '1')).toMatchObject({ code: 0 });
  const moved = await linesIn(await exported(there, 'in-order-moved'));
  expect(moved.map(lasting)).toEqual((await linesIn(original)).map(lasting));
});

test('an import that is run again changes nothing', async () => {
  const [here, there] = [await openStore(), await openStore()];
  await fill(here);
  const original = await exported(here, 'twice');
  await imported(there, original);
  const first = await readFile(await exported(there, 'first'), 'utf8');
  const again = await imported(there, original);
  expect(again).toMatchObject({ code: 0 });
  expect(again.errors).toContain('imported 0 events');
  expect(await readFile(await exported(there, 'second'), 'utf8')).toBe(first);
});

test('an import that was killed in the middle goes on where it was, and nothing is doubled', async () => {
  const [here, there] = [await openStore(), await openStore()];
  const streams = 300;
  await Promise.all(
    Array.from({ length: streams }, async (_, n) => {
      for (let i = 0; i < 5; i += 1)
        await here.client.appendToStream(`job-${n}`, [event(i), event()]);
    }),
  );
  const original = await exported(here, 'killed');
  const verb = startVerb([
    ...['eventstore-import', '--url', there.server.url, '--in', original, '--in-flight', '2'],
  ]);
  const count = async (): Promise<number> => {
    let events = 0;
    for await (const { event: read } of there.client.readAll())
      if (read && !isServersOwn(read.streamId)) events += 1;
    return events;
  };
  const reached = await until(async () => {
    const events = await count();
    return events > 50 ? events : undefined;
  });
  verb.signal('SIGKILL');
  await verb.exited;
  expect(reached).toBeLessThan(streams * 10);
  expect(await count()).toBeLessThan(streams * 10);

  expect(await imported(there, original)).toMatchObject({ code: 0 });
  expect(await count()).toBe(streams * 10);
  expect(byStream(await linesIn(await exported(there, 'went-on')))).toEqual(
    byStream(await linesIn(original)),
  );
});

test('a later export from a position goes on where an earlier one ended', async () => {
  const [here, there] = [await openStore(), await openStore()];
  await here.client.appendToStream('s', [event(1), event(2)]);
  const early = await exported(here, 'early');
  await imported(there, early);
  await here.client.appendToStream('s', [event(3), event(4)]);
  const from = String((await linesIn(early)).at(-2)?.['position']);
  const late = fileNamed('late');
  await runVerb(['eventstore-export', '--url', here.server.url, '--out', late, '--from', from]);
  expect(await linesIn(late)).toHaveLength(4);
  const { code, errors } = await imported(there, late);
  expect({ code, errors }).toMatchObject({ code: 0 });
  expect(errors).toContain('imported 2 events, 1 were there already');
});

describe('a file that is not whole is refused with its line', () => {
  const damaged = async (damage: (lines: string[]) => string): Promise<string> => {
    const here = await openStore();
    await here.client.appendToStream('s', [event(1), event(2), event(3)]);
    const text = await readFile(await exported(here, 'whole'), 'utf8');
    const file = fileNamed('damaged');
    await writeFile(file, damage(text.split('\n')));
    return file;
  };

  test.each<[string, (lines: string[]) => string, RegExp]>([
    ['cut inside a line', (lines) => lines.join('\n').slice(0, -10), /line 5: it is no JSON/],
    ['cut between two lines', (lines) => lines.slice(0, 2).join('\n'), /line 3: .* it was cut/],
    [
      'a line is missing',
      ([a, b, c, , end]) => [a, b, c, end].join('\n'),
      /line 4: 4 events .* 3 are here/,
    ],
    [
      'a line is garbled',
      ([a = '', b = '', ...rest]) => [a, `x${b}`, ...rest].join('\n'),
      /line 2: its checksum/,
    ],
    [
      'one character has changed',
      ([a = '', b = '', ...rest]) => [a, b.replace('Happened', 'Happenet'), ...rest].join('\n'),
      /line 2: its checksum/,
    ],
    [
      'two files in one',
      (lines) => lines.join('\n') + lines.join('\n'),
      /line 6: it follows the last line/,
    ],
    ['it is something else', () => '{"hello":1}\n', /line 1: it has no "revision"/],
  ])('%s', async (_why, damage, message) => {
    const file = await damaged(damage);
    const there = await openStore();
    const { code, errors } = await imported(there, file);
    expect(code).toBe(3);
    expect(errors).toMatch(message);
  });

  test('no UTF-8', async () => {
    const file = fileNamed('bytes');
    await writeFile(file, Buffer.from([0xff, 0xfe, 0x0a]));
    expect(await imported(await openStore(), file)).toMatchObject({
      code: 3,
      errors: expect.stringContaining('line 1: it is no UTF-8') as string,
    });
  });
});

test('a store that has something else in the same place is left as it is: exit code 4', async () => {
  const [here, there] = [await openStore(), await openStore()];
  await here.client.appendToStream('s', event(1));
  await there.client.appendToStream('s', event(2));
  const { code, errors } = await imported(there, await exported(here, 'foreign'));
  expect(code).toBe(4);
  expect(errors).toMatch(/line 2: stream s has another event than .* at revision 0/);
});

describe('a stream whose first events were scavenged away', () => {
  const scavenged = async (): Promise<string> => {
    const here = await openStore();
    await here.client.appendToStream('s', [event(1), event(2), event(3), event(4)]);
    const lines = (await readFile(await exported(here, 'scavenged'), 'utf8')).split('\n');
    const file = fileNamed('scavenged-file');
    const end = JSON.stringify({ end: 2 });
    await writeFile(file, [...lines.slice(3, 5), end].join('\n'));
    return file;
  };

  test('is refused unless told otherwise, because its revisions cannot be kept', async () => {
    const { code, errors } = await imported(await openStore(), await scavenged());
    expect(code).toBe(4);
    expect(errors).toContain('line 1: stream s would go on at revision 2');
  });

  test('begins at 0 with --renumber, also when the import is run again', async () => {
    const [file, there] = [await scavenged(), await openStore()];
    expect(await imported(there, file, '--renumber')).toMatchObject({ code: 0 });
    expect(await imported(there, file, '--renumber')).toMatchObject({ code: 0 });
    const lines = await linesIn(await exported(there, 'renumbered'));
    expect(lines.map(({ revision, data }) => [revision, data])).toEqual([
      ['0', { n: 3 }],
      ['1', { n: 4 }],
      [undefined, undefined],
    ]);
  });
});

test('an export that fails leaves no file that looks whole', async () => {
  const file = fileNamed('never');
  const { code } = await runVerb([
    ...['eventstore-export', '--url', 'esdb://127.0.0.1:1?tls=false', '--out', file],
  ]);
  expect(code).toBe(1);
  await expect(stat(file)).rejects.toThrow('ENOENT');
});

test('lines go through pipes, from stdout to stdin', async () => {
  const [here, there] = [await openStore(), await openStore()];
  await here.client.appendToStream('piped', event());
  const out = await runVerb(['eventstore-export', '--url', here.server.url]);
  expect(out.output.split('\n')).toHaveLength(4);
  await writeFile(fileNamed('piped'), out.output);
  const nothing = ['eventstore-import', '--url', there.server.url, '--in', '/dev/stdin'];
  expect(await runBuiltVerb(nothing)).toMatchObject({ code: 3 }); // its stdin is empty
  expect(await imported(there, fileNamed('piped'))).toMatchObject({ code: 0 });
});

test.each([
  [['eventstore-export'], '--url is missing'],
  [['eventstore-export', '--url', 'x', '--from', 'a'], '--from a is no position'],
  [['eventstore-import', '--url', 'x'], '--in is missing'],
  [
    ['eventstore-import', '--url', 'x', '--in', 'f', '--in-flight', '0'],
    'is no whole number from 1 to 1000',
  ],
])('wrong flags are told with the usage: %j', async (args, message) => {
  const { code, errors } = await runVerb(args);
  expect(code).toBe(2);
  expect(errors).toContain(message);
});
