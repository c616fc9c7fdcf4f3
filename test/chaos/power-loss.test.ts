import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { startEventStoreServer } from '../../embedded/eventstore/server';
import { startPostgres } from '../../embedded/postgres';
import { closeEventStore } from '../../infra/eventstore/client';
import { mountImage, noLoopMounts, type LoopImage } from '../support/loop-image';
import { tempFolder } from '../support/temp-folder';
import { until } from '../support/until';

const schema = 'power';
/** The image is small. */
const settings = { max_wal_size: '200MB', shared_buffers: '32MB' };
const reason = noLoopMounts();
const testWithMounts = reason === undefined ? test : test.skip;
const because = reason === undefined ? '' : ` (skipped: ${reason})`;

const openServer = async (postgresUrl: string) => {
  const server = await startEventStoreServer({
    postgresUrl,
    schema,
    host: '127.0.0.1',
    port: 0,
    log: () => undefined,
  });
  return { server, client: EventStoreDBClient.connectionString(server.url) };
};

const eventIdsIn = async (client: EventStoreDBClient): Promise<ReadonlySet<string>> => {
  const ids = new Set<string>();
  for await (const { event } of client.readAll()) if (event) ids.add(event.id);
  return ids;
};

const eventIdsOn = async (dataDir: string): Promise<ReadonlySet<string>> => {
  const postgres = await startPostgres({ dataDir, settings });
  const { server, client } = await openServer(postgres.url);
  const ids = await eventIdsIn(client);
  await closeEventStore(client);
  await server.close();
  await postgres.stop();
  return ids;
};

type Loss = { readonly acknowledged: number; readonly missing: number };

/** Cuts the power under writers and counts what was acknowledged before and is missing after. */
const powerLoss = async (fsync: 'on' | 'off'): Promise<Loss> => {
  const folder = await tempFolder('power');
  chmodSync(folder.path, 0o755);
  const images: LoopImage[] = [];
  const mountPath = (image: LoopImage): string => {
    images.push(image);
    return join(image.path, 'postgres');
  };
  try {
    const disk = mountImage(folder.path);
    const dataDir = mountPath(disk);
    const postgres = await startPostgres({ dataDir, settings: { ...settings, fsync } });
    const { server, client } = await openServer(postgres.url);
    execFileSync('sync', ['-f', dataDir]); // the empty store is safe in any case
    const acknowledged: string[] = [];
    let isOver = false;
    const write = async (writer: number): Promise<void> => {
      for (let n = 0; !isOver; n += 1) {
        const event = jsonEvent({ type: 'Happened', data: { payload: 'x'.repeat(300) } });
        await client.appendToStream(`w-${writer}-${n % 100}`, event);
        acknowledged.push(event.id);
      }
    };
    const writing = Promise.all(Array.from({ length: 32 }, (_, writer) => write(writer)));
    await until(() => acknowledged.length > 3_000, { timeoutMs: 30_000 });
    const before = [...acknowledged]; // answered before the copy begins
    const cut = disk.afterPowerLoss();
    isOver = true;
    await writing;
    await closeEventStore(client);
    await server.close();
    await postgres.stop();

    const found = await eventIdsOn(mountPath(cut));
    return {
      acknowledged: before.length,
      missing: before.filter((id) => !found.has(id)).length,
    };
  } finally {
    for (const image of images) image.unmount();
    await folder.remove();
  }
};

describe(`power loss${because}`, () => {
  testWithMounts(
    'every event that was acknowledged before is there after',
    async () => {
      const { acknowledged, missing } = await powerLoss('on');
      expect(acknowledged).toBeGreaterThan(3_000);
      expect(missing).toBe(0);
    },
    120_000,
  );

  testWithMounts(
    'the control: commits that are not flushed are lost by the same cut, so the test above can fail',
    async () => {
      expect((await powerLoss('off')).missing).toBeGreaterThan(0);
    },
    120_000,
  );
});
