import { spawn } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runToEnd } from '../../embedded/child';
import { freePort } from './free-port';
import { tempFolder } from './temp-folder';
import { until } from './until';

export type PgBouncer = {
  /** The connection string, changed so that it goes through the pooler. */
  readonly through: (url: string) => string;
  readonly stop: () => Promise<void>;
};

const program = 'pgbouncer';

const isThere = async (): Promise<boolean> =>
  (await runToEnd('sh', ['-c', `command -v ${program}`])).code === 0;

/** From the system's package archive, as the broker comes. */
const install = async (): Promise<void> => {
  if (await isThere()) return;
  const apt = async (...args: string[]) =>
    await runToEnd('env', [
      ...['DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q'],
      ...['-o', 'DPkg::Lock::Timeout=120', ...args],
    ]);
  await apt('update');
  const { output } = await apt('install', '-y', '--no-install-recommends', program);
  if (!(await isThere())) throw new Error(`install ${program}: ${output.slice(-500)}`);
};

const settings = (
  port: number,
  server: URL,
  mode: string,
  poolSize: number,
  users: string,
): string => `
[databases]
* = host=${server.hostname} port=${server.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${users}
pool_mode = ${mode}
default_pool_size = ${poolSize}
${process.getuid?.() === 0 ? 'user = nobody' : ''}
`;

/** @param url  of the server behind it; anybody named in it may come in by name alone */
export const startPgBouncer = async (
  url: string,
  mode: 'session' | 'transaction' | 'statement',
  poolSize = 20,
): Promise<PgBouncer> => {
  await install();
  const folder = await tempFolder('pgbouncer');
  await chmod(folder.path, 0o755);
  const [file, users] = [join(folder.path, 'pgbouncer.ini'), join(folder.path, 'users.txt')];
  const server = new URL(url);
  const port = await freePort();
  await writeFile(users, `"${server.username}" ""\n`);
  await writeFile(file, settings(port, server, mode, poolSize, users));
  const child = spawn(program, [file], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const exited = new Promise((resolve) => child.once('exit', resolve));
  await until(() => said.includes('process up') || child.exitCode !== null, {
    what: 'pgbouncer is up',
  });
  if (child.exitCode !== null) throw new Error(`pgbouncer did not start: ${said}`);
  return {
    through: (direct) => {
      const changed = new URL(direct);
      changed.port = String(port);
      return changed.href;
    },
    stop: async () => {
      child.kill('SIGINT');
      const timer = setTimeout(() => child.kill('SIGKILL'), 2_000);
      await exited;
      clearTimeout(timer);
      await folder.remove();
    },
  };
};
