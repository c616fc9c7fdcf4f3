import { join } from 'node:path';
import { EventStoreDBClient, jsonEvent, type AllStreamRecordedEvent } from '@eventstore/db-client';
import { startNodeChild, type NodeChild } from '../../embedded/node-child';
import { startPostgres, type EmbeddedPostgres } from '../../embedded/postgres';
import { freePort } from '../support/free-port';
import { closeEventStore, openEventStore } from '../../infra/eventstore/client';
import { placePostgres } from '../support/prepared-postgres';
import { isRising } from '../support/reading';
import { isLong } from '../support/rounds';
import { tempFolder } from '../support/temp-folder';
import { until } from '../support/until';

const script = join(__dirname, '..', '..', 'dist', 'packages', 'eventstore', 'main.js');
const rounds = isLong ? 3 : 1;
const writers = 16;
const eventsPerRound = 500;

let folder: Awaited<ReturnType<typeof tempFolder>>;
let postgres: EmbeddedPostgres;
let server: NodeChild;
let ports: { readonly postgres: number; readonly server: number };

// not the throw-away settings: what is killed here must keep what it promised
const launchPostgres = () =>
  startPostgres({ dataDir: join(folder.path, 'postgres'), port: ports.postgres });
const launchServer = () =>
  startNodeChild({
    script,
    args: [...['--postgres', postgres.url], ...['--port', String(ports.server)]],
    env: { PATH: process.env['PATH'] },
    readyWithinMs: 120_000,
  });

beforeAll(async () => {
  folder = await tempFolder('durability');
  ports = { postgres: await freePort(), server: await freePort() };
  await placePostgres(join(folder.path, 'postgres'));
  postgres = await launchPostgres();
  server = await launchServer();
});
afterAll(async () => {
  await server.stop(5_000);
  await postgres.stop();
  await folder.remove();
});

const killPostgres = async (): Promise<void> => {
  process.kill(postgres.pid, 'SIGKILL');
  await postgres.exited;
  postgres = await launchPostgres();
};
const killServer = async (): Promise<void> => {
  process.kill(server.pid, 'SIGKILL');
  await server.exited;
  server = await launchServer();
};

type Seen = { readonly id: string; readonly position: bigint };
const seenOf = ({ id, position }: AllStreamRecordedEvent): Seen => ({
  id,
  position: position.commit,
});

/** Follows the log through every cut from its own checkpoint, as a projection does. */
const follow = (url: string) => {
  const seen: Seen[] = [];
  let isOver = false;
  const once = async (): Promise<void> => {
    const client = EventStoreDBClient.connectionString(url);
    const last = seen.at(-1)?.position;
    const fromPosition = last === undefined ? 'start' : { commit: last, prepare: last };
    const subscription = client.subscribeToAll({ fromPosition });
    await new Promise<void>((resolve) => {
      subscription.on('data', ({ event }) => {
        if (event && !isOver) seen.push(seenOf(event));
      });
      subscription.once('error', () => resolve());
      subscription.once('end', () => resolve());
      subscription.once('close', () => resolve());
    });
    await Promise.race([closeEventStore(client), until(() => isOver, { timeoutMs: 1_000 })]).catch(
      () => undefined, // a broken connection may be slow to close
    );
  };
  void (async () => {
    while (!isOver) await once();
  })();
  return { seen, leave: () => (isOver = true) };
};

type Acknowledged = Seen & { readonly stream: string; readonly revision: bigint };

test('kill -9 of the server and of Postgres, in turn and again: what was acknowledged is there, once and in order', async () => {
  const url = `esdb://127.0.0.1:${ports.server}?tls=false`;
  const acknowledged: Acknowledged[] = [];
  const follower = follow(url);
  let isOver = false;
  let client = openEventStore(url);

  const write = async (writer: number): Promise<void> => {
    const stream = `w-${writer}`;
    let expected: bigint | 'no_stream' = 'no_stream';
    while (!isOver) {
      const event = jsonEvent({ type: 'Happened', data: { writer } });
      const done: { revision: bigint; position: bigint } = await until(
        async () => {
          // the same event at the same revision, until somebody says that it is stored
          const { nextExpectedRevision, position } = await Promise.race([
            client.appendToStream(stream, event, { expectedRevision: expected }),
            new Promise<never>((_, reject) =>
              setTimeout(() => reject(new Error('no answer')), 15_000).unref(),
            ),
          ]);
          return { revision: nextExpectedRevision, position: position?.commit ?? -1n };
        },
        { what: `${stream} is written to again` },
      );
      acknowledged.push({ stream, id: event.id, ...done });
      expected = done.revision;
    }
  };
  const writing = Promise.all(Array.from({ length: writers }, (_, n) => write(n)));
  const moreWritten = async (): Promise<void> => {
    const before = acknowledged.length;
    await until(() => acknowledged.length > before + eventsPerRound);
  };

  for (let round = 0; round < rounds; round += 1) {
    await moreWritten();
    await killServer();
    void closeEventStore(client);
    client = openEventStore(url);
    await moreWritten();
    await killPostgres();
  }
  await moreWritten();
  isOver = true;
  await writing;

  const log: AllStreamRecordedEvent[] = [];
  for await (const { event } of client.readAll()) if (event) log.push(event);
  const all = log.map(seenOf);
  await until(() => follower.seen.length >= all.length);
  follower.leave();

  const places = new Map(log.map((event) => [event.id, event]));
  const misplaced = acknowledged.filter(({ id, stream, revision, position }) => {
    const found = places.get(id);
    return (
      found?.streamId !== stream ||
      found.revision !== revision ||
      found.position.commit !== position
    );
  });
  expect(misplaced).toEqual([]);
  expect(places.size).toBe(log.length);
  expect(isRising(all.map(({ position }) => position))).toBe(true);
  for (let n = 0; n < writers; n += 1) {
    const inAll = log.filter(({ streamId }) => streamId === `w-${n}`);
    expect(inAll.map(({ revision }) => revision)).toEqual(inAll.map((_, i) => BigInt(i)));
    const ids: string[] = [];
    for await (const { event } of client.readStream(`w-${n}`)) ids.push(event?.id ?? '');
    expect(ids).toEqual(inAll.map(({ id }) => id));
  }
  expect(follower.seen).toEqual(all);
  await closeEventStore(client);
});
