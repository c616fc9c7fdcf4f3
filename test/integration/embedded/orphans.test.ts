import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isAlive } from '../../../embedded/child';
import { startNats } from '../../../embedded/nats';
import { startPostgres } from '../../../embedded/postgres';
import { tempFolder } from '../../support/temp-folder';
import { throwAwaySettings } from '../../support/prepared-postgres';
import { until } from '../../support/until';

const onLinux = process.platform === 'linux' ? test : test.skip;

let folder: Awaited<ReturnType<typeof tempFolder>>;
let parent: ChildProcess;
let pids: { readonly postgres: number; readonly nats: number };

const root = join(__dirname, '..', '..', '..');

beforeEach(async () => {
  folder = await tempFolder('orphans');
  const script = join(root, 'test', 'support', 'server-parent.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, folder.path], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  parent = child;
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  pids = JSON.parse(line) as typeof pids; // our own script's words
});

afterEach(async () => {
  parent.kill('SIGKILL');
  await folder.remove();
});

onLinux('kill -9 of the program that started the servers leaves no orphan behind', async () => {
  expect([isAlive(pids.postgres), isAlive(pids.nats)]).toEqual([true, true]);
  parent.kill('SIGKILL');
  await until(() => !isAlive(pids.postgres) && !isAlive(pids.nats), {
    what: 'both servers are gone',
  });
});

onLinux(
  'a start right after such a kill needs no help: it waits for the dying servers',
  async () => {
    parent.kill('SIGKILL');
    const settings = { ...throwAwaySettings, shared_buffers: '16MB' };
    const dataDir = join(folder.path, 'postgres');
    const [postgres, nats] = await Promise.all([
      startPostgres({ dataDir, settings }),
      startNats({ storeDir: join(folder.path, 'nats') }),
    ]);
    expect([postgres.pid, nats.pid]).not.toContain(pids.postgres);
    await Promise.all([postgres.stop(), nats.stop()]);
  },
);
