import { access, constants, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { runToEnd } from './child';

export type FindNatsOptions = {
  /** A binary chosen by the operator; taken without a look elsewhere. */
  readonly binary?: string | undefined;
  /** Where a binary that could not be installed system-wide is unpacked to. */
  readonly cacheDir?: string | undefined;
};

const defaultNatsCache = '.cache/nats-server';

const advice =
  'install nats-server (Debian, Ubuntu: apt-get install nats-server; macOS: brew install nats-server) or set PUNCTUAL_NATS_URL';

/**
 * The path of a nats-server: the operator's, on the PATH, in /usr/sbin, or in our cache.
 * Undefined when this machine has none.
 *
 * @throws Error when the operator's binary does not exist
 */
export const findNats = async (options: FindNatsOptions = {}): Promise<string | undefined> => {
  if (options.binary !== undefined) {
    if (await isExecutable(options.binary)) return options.binary;
    throw new Error(`There is no nats-server at ${options.binary}: ${advice}.`);
  }
  const onPath = await runToEnd('sh', ['-c', 'command -v nats-server']);
  const candidates = [
    ...(onPath.code === 0 ? [onPath.output] : []),
    '/usr/sbin/nats-server',
    cached(options.cacheDir),
  ];
  for (const candidate of candidates) if (await isExecutable(candidate)) return candidate;
  return undefined;
};

/**
 * Finds nats-server or gets it from the system's package archive: installed as root, else unpacked
 * into the cache. Safe to run by several processes at once.
 *
 * @returns the path of the binary
 * @throws Error in one sentence that says what to do by hand
 */
export const installNats = async (options: FindNatsOptions = {}): Promise<string> => {
  const found = await findNats(options);
  if (found !== undefined) return found;
  const isRoot = process.getuid?.() === 0;
  const ways = [...(isRoot ? [installPackage] : []), () => unpackPackage(options.cacheDir)];
  let failure = '';
  for (const way of ways) {
    failure = await way();
    const installed = await findNats(options);
    if (installed !== undefined) return installed;
  }
  throw new Error(`There is no nats-server on this machine: ${advice}.${failure}`);
};

const cached = (cacheDir = defaultNatsCache): string => join(resolve(cacheDir), 'nats-server');

/** The lock timeout lets a second installer wait for the first instead of failing. */
const apt = ['-q', '-o', 'DPkg::Lock::Timeout=120'] as const;

/** @returns what went wrong, empty when nothing did */
const installPackage = async (): Promise<string> => {
  const install = () => aptGet(['install', '-y', '--no-install-recommends', 'nats-server']);
  if ((await install()).code === 0) return '';
  await aptGet(['update']); // a fresh image knows no packages, an old one the wrong versions
  const { code, output } = await install();
  return code === 0 ? '' : ` apt-get said: ${lastLineOf(output)}`;
};

/** @returns what went wrong, empty when nothing did */
const unpackPackage = async (cacheDir: string | undefined): Promise<string> => {
  const target = cached(cacheDir);
  await mkdir(dirname(target), { recursive: true });
  const draft = await mkdtemp(`${dirname(target)}/draft-`);
  try {
    const download = await aptGet(['download', 'nats-server'], draft);
    const archive = (await readdir(draft)).find((name) => name.endsWith('.deb'));
    if (archive === undefined) return ` apt-get said: ${lastLineOf(download.output)}`;
    const unpack = await runToEnd('dpkg', ['-x', archive, '.'], { cwd: draft });
    if (unpack.code !== 0) return ` dpkg said: ${lastLineOf(unpack.output)}`;
    await rename(join(draft, 'usr/sbin/nats-server'), target);
    return '';
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
};

const aptGet = async (args: readonly string[], cwd = '/') =>
  await runToEnd('env', ['DEBIAN_FRONTEND=noninteractive', 'apt-get', ...apt, ...args], { cwd });

const lastLineOf = (text: string): string => text.trim().split('\n').at(-1) ?? '';

const isExecutable = async (path: string): Promise<boolean> =>
  await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
