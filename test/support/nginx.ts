import { spawn } from 'node:child_process';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheOf, ofPackage } from './debian';
import { until } from './until';

const PACKAGE = 'nginx';

const find = async (): Promise<string | undefined> => {
  for (const path of ['/usr/sbin/nginx', join(cacheOf(PACKAGE), 'usr/sbin/nginx')]) {
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return undefined;
};

export type Nginx = { readonly stop: () => Promise<void> };

/**
 * Debian's nginx with one location on a port of its own.
 *
 * @param location  as docs/console.md has it
 * @throws Error when this machine neither has it nor gets it
 */
export const startNginx = async (port: number, location: string): Promise<Nginx> => {
  const nginx = await ofPackage(PACKAGE, find, 'unpacked');
  const folder = await mkdtemp(join(tmpdir(), 'punctual-nginx-'));
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join('\n');
  const file = join(folder, 'nginx.conf');
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  await writeFile(
    file,
    `${user} daemon off; worker_processes 1; pid ${folder}/pid; error_log stderr;
events {}
http {
  access_log off;
  ${temporary}
  server { listen 127.0.0.1:${port};
${location}
  }
}
`,
  );
  const child = spawn(nginx, ['-e', 'stderr', '-p', folder, '-c', file], { stdio: 'ignore' });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  await until(async () => (await fetch(`http://127.0.0.1:${port}/none`)).status === 404, {
    what: 'nginx answers',
  });
  return {
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
};
