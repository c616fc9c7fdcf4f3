import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect, StorageType } from 'nats';
import type { ExitInfo } from '../../../embedded/child';
import { isAlive } from '../../../embedded/child';
import { startNats, type EmbeddedNats } from '../../../embedded/nats';
import { findNats } from '../../../embedded/nats-binary';
import { tempFolder } from '../../support/temp-folder';
import { until } from '../../support/until';

let folder: Awaited<ReturnType<typeof tempFolder>>;
let storeDir: string;
const started: EmbeddedNats[] = [];

const start = async (options: Partial<Parameters<typeof startNats>[0]> = {}) => {
  const server = await startNats({ storeDir, ...options });
  started.push(server);
  return server;
};

/** Stores `count` messages in a stream, which is made if it is not there, and tells how many it holds. */
const store = async (url: string, count: number): Promise<number> => {
  const connection = await connect({ servers: url });
  try {
    const manager = await connection.jetstreamManager();
    await manager.streams.add({ name: 'KEPT', subjects: ['kept'], storage: StorageType.File });
    const stream = connection.jetstream();
    for (let i = 0; i < count; i++) await stream.publish('kept', 'message');
    return (await manager.streams.info('KEPT')).state.messages;
  } finally {
    await connection.close();
  }
};

beforeEach(async () => {
  folder = await tempFolder('launch');
  storeDir = join(folder.path, 'nats');
});

afterEach(async () => {
  for (const server of started.splice(0)) await server.stop();
  await folder.remove();
});

test('a later start on the same port goes on with the messages of the first', async () => {
  const first = await start();
  expect(await store(first.url, 3)).toBe(3);
  await first.stop();
  expect(isAlive(first.pid)).toBe(false);

  const second = await start({ port: first.port });
  expect(second.url).toBe(first.url);
  expect(await store(second.url, 0)).toBe(3);
});

test('after kill -9 the owner is told, and a start at once has every acknowledged message', async () => {
  const told: ExitInfo[] = [];
  const first = await start({ onExit: (info) => told.push(info) });
  await store(first.url, 100);
  process.kill(first.pid, 'SIGKILL');
  const second = await start({ port: first.port });
  expect(await store(second.url, 0)).toBe(100);
  await until(() => told.length === 1, { what: 'the owner is told' });
  expect(told[0]).toMatchObject({ asked: false, signal: 'SIGKILL' });
});

test('a second start on a store in use is refused, for two servers on one store destroy it', async () => {
  const first = await start();
  await expect(start()).rejects.toThrow(
    new RegExp(`process ${first.pid}, port ${first.port}.* already runs on`),
  );
});

test('a given port that another program has is refused in one sentence', async () => {
  const first = await start();
  const other = join(folder.path, 'other');
  await expect(start({ storeDir: other, port: first.port })).rejects.toThrow(
    `Port ${first.port} on 127.0.0.1 is taken by another program.`,
  );
});

test('the limits are told to the broker, so that it never takes most of the disk', async () => {
  const { url } = await start({ maxFileStoreBytes: 64 * 1024 ** 2 });
  const connection = await connect({ servers: url });
  const manager = await connection.jetstreamManager();
  await expect(
    manager.streams.add({ name: 'BIG', subjects: ['big'], max_bytes: 65 * 1024 ** 2 }),
  ).rejects.toThrow('insufficient storage');
  expect(connection.info?.max_payload).toBe(1024 ** 2);
  await connection.close();
});

test('a binary that the operator names is the one that is used, and a wrong name is told', async () => {
  await mkdir(folder.path, { recursive: true });
  const own = join(folder.path, 'my-nats');
  await writeFile(own, '#!/bin/sh\n', { mode: 0o755 });
  expect(await findNats({ binary: own })).toBe(own);
  await expect(findNats({ binary: `${own}-gone` })).rejects.toThrow(
    /install nats-server .* or set PUNCTUAL_NATS_URL/,
  );
});
