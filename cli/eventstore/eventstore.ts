import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureDatabase } from '../../embedded/database';
import { isRealVersion, realVersions, runEventStoreProgram } from '@punctual/eventstore';
import { keepRunning } from '../../embedded/keep-running';
import { startPostgres, type EmbeddedPostgres } from '../../embedded/postgres';
import { EVENT_STORE_VARIABLES, valueOf, variableOf } from '../../processes/settings/variables';
import { wholeFrom } from '../flag-values';
import { usersFrom, type User } from './users';
import { exitCode, UsageError, type Context, type Verb } from '../verb';

const usage = `usage: punctual eventstore [--port N] [--host H]
         (--data-dir DIR | --postgres URL [--schema NAME])
         [--tls-cert FILE --tls-key FILE] [--advertise HOST:PORT]
         [--like 23.10] [--max-append-size BYTES]
         [--user NAME:PASSWORD]… [--admin NAME:PASSWORD]… [--users-file FILE]

Runs the EventStoreDB-compatible server alone. When it is ready it prints one line,
{"listening": "host:port"}, on stdout; everything else goes to stderr. SIGTERM or Ctrl-C ends it.

  --port N            port to listen on; 0 takes a free one (default 2113)
  --host H            address to listen on (default 127.0.0.1)
  --data-dir DIR      run a Postgres of its own that keeps its files in DIR/postgres
  --postgres URL      use the Postgres that is there; the database must exist (default
                      PUNCTUAL_EVENTSTORE_POSTGRES_URL, which others cannot read as they can command lines)
  --schema NAME       schema of the log, made when it is missing (default eventstore)
  --tls-cert FILE     certificate chain (PEM); with --tls-key
  --tls-key FILE      private key (PEM)
  --advertise HOST:PORT  what clients that discover the server are told to connect to
  --like 23.10        for trying a program: as strict as a real server of this version. Subscribers that are slow
                      while live are dropped, appends that come again while the first is under way too
  --max-append-size BYTES  what the events of one append may have, as a real server's setting of that name
                      (default 1048576)
  --admin NAME:PASSWORD  a user who may read $all and system streams; one named admin may anyway
  --user NAME:PASSWORD  a user; may be given again. Others on this machine can read command lines:
                      prefer --users-file, or the variable PUNCTUAL_EVENTSTORE_USERS
  --users-file FILE   users, one NAME:PASSWORD a line; PUNCTUAL_EVENTSTORE_USERS holds the same, in lines or
                      separated by commas. With a user set, everybody must log in.

Exit codes: 0 it was told to end; 1 it could not start; 2 wrong flags.
`;

/** Shared with the embedded stack, so that both run on the same folder. */
const defaultName = 'eventstore';
const highestPort = 65_535;

const MOST_BYTES = 999_999_999;

const bytesFrom = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : wholeFrom('max-append-size', text, 1, MOST_BYTES);

const storageFrom = (
  dataDir: string | undefined,
  postgres: string | undefined,
  env: Context['env'],
) => {
  const known = dataDir === undefined ? valueOf(env, EVENT_STORE_VARIABLES.postgresUrl) : undefined;
  const postgresUrl = postgres ?? known;
  if (dataDir !== undefined && postgresUrl !== undefined)
    throw new UsageError('--data-dir and --postgres exclude each other');
  if (postgresUrl !== undefined) {
    if (!/^postgres(ql)?:\/\//.test(postgresUrl) || !URL.canParse(postgresUrl))
      throw new UsageError('--postgres wants postgres://user:password@host:port/database');
    return { kind: 'given', postgresUrl } as const;
  }
  if (dataDir === undefined || dataDir === '')
    throw new UsageError('where is the log to be kept? give --data-dir or --postgres');
  return { kind: 'own', dataDir } as const;
};

const addressFrom = (text: string | undefined) => {
  if (text === undefined) return undefined;
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(text) ?? [];
  if (host === undefined) throw new UsageError('--advertise wants HOST:PORT');
  return { host, port: wholeFrom('advertise', port ?? '', 0, highestPort) };
};

const parseFlags = (args: readonly string[], env: Context['env']) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string', default: '2113' },
      host: { type: 'string', default: '127.0.0.1' },
      'data-dir': { type: 'string' },
      postgres: { type: 'string' },
      schema: { type: 'string', default: defaultName },
      'tls-cert': { type: 'string' },
      'tls-key': { type: 'string' },
      advertise: { type: 'string' },
      like: { type: 'string' },
      'max-append-size': { type: 'string' },
      user: { type: 'string', multiple: true, default: [] },
      admin: { type: 'string', multiple: true, default: [] },
      'users-file': { type: 'string' },
    },
  });
  const { 'tls-cert': certFile, 'tls-key': keyFile } = values;
  if ((certFile === undefined) !== (keyFile === undefined))
    throw new UsageError('--tls-cert and --tls-key go together');
  const { like } = values;
  if (like !== undefined && !isRealVersion(like))
    throw new UsageError(`--like ${like} is no version that is known: ${realVersions.join(', ')}`);
  if (values.schema === '') throw new UsageError('--schema wants a name');
  return {
    port: wholeFrom('port', values.port, 0, highestPort),
    host: values.host,
    schema: values.schema,
    storage: storageFrom(values['data-dir'], values.postgres, env),
    tls: certFile === undefined || keyFile === undefined ? undefined : { certFile, keyFile },
    like,
    maxAppendBytes: bytesFrom(values['max-append-size']),
    advertise: addressFrom(values.advertise),
    users: values.user,
    admins: values.admin,
    usersFile: values['users-file'],
  };
};

type Flags = ReturnType<typeof parseFlags>;

const fileOf = async (flag: string, path: string): Promise<Buffer> => {
  try {
    return await readFile(path);
  } catch (error) {
    throw new Error(`${flag} ${path} cannot be read: ${(error as Error).message}`, {
      cause: error, // fs throws errors only
    });
  }
};

const tlsOf = async (flags: Flags) =>
  flags.tls && {
    cert: await fileOf('--tls-cert', flags.tls.certFile),
    key: await fileOf('--tls-key', flags.tls.keyFile),
  };

const usersOf = async (flags: Flags, env: Context['env']): Promise<readonly User[]> => {
  const { usersFile } = flags;
  const variable = variableOf(env, EVENT_STORE_VARIABLES.users);
  const file = usersFile && (await fileOf('--users-file', usersFile)).toString('utf8');
  return usersFrom({
    flags: flags.users,
    admins: flags.admins,
    file,
    env: variable === undefined ? undefined : { variable, text: env[variable] ?? '' },
  });
};

/** What went wrong at the start, in words that name the flag to change. */
const explained = (error: unknown, flags: Flags): Error => {
  const { code, message, syscall, hostname } = error as NodeJS.ErrnoException & {
    readonly hostname?: string; // Node and pg reject with errors
  };
  const own = (text: string): Error => new Error(text, { cause: error });
  if (code === 'EADDRINUSE')
    return own(`port ${flags.port} on ${flags.host} is taken by another program`);
  if (code === 'EADDRNOTAVAIL' || (code === 'ENOTFOUND' && hostname === flags.host))
    return own(`${flags.host} is no address of this machine`);
  if (code === 'EACCES' && syscall === 'listen')
    return own(`port ${flags.port} on ${flags.host} is not ours to open`);
  return error instanceof Error && message !== '' ? error : own(String(code ?? error));
};

/** Starts the Postgres below a folder, and again whenever it ends unasked. */
const ownPostgres = async (dataDir: string, stderr: Context['stderr']) => {
  const kept = await keepRunning<EmbeddedPostgres>({
    name: 'postgres',
    start: (previous) =>
      startPostgres({ dataDir: join(dataDir, 'postgres'), port: previous?.port ?? 0 }),
    onRestart: () => undefined,
    log: (level, message, fields) =>
      stderr.write(`${JSON.stringify({ level, time: Date.now(), msg: message, ...fields })}\n`),
  });
  return { url: kept.current().url, stop: kept.stop };
};

const run: Verb['run'] = async (args, { stdout, stderr, env, signal }) => {
  const flags = parseFlags(args, env);
  const [tls, users] = [await tlsOf(flags), await usersOf(flags, env)];
  let stopPostgres = (): Promise<void> => Promise.resolve();
  const databaseOf = async (): Promise<string> => {
    if (flags.storage.kind === 'given') return flags.storage.postgresUrl;
    const own = await ownPostgres(flags.storage.dataDir, stderr);
    stopPostgres = own.stop;
    return await ensureDatabase(own.url, defaultName);
  };
  try {
    await runEventStoreProgram({
      postgresUrl: await databaseOf(),
      schema: flags.schema,
      host: flags.host,
      port: flags.port,
      tls,
      like: flags.like,
      maxAppendBytes: flags.maxAppendBytes,
      advertise: flags.advertise,
      users,
      signal,
      sayReady: (line) => stdout.write(`${line}\n`),
    });
    return exitCode.done;
  } catch (error) {
    throw explained(error, flags);
  } finally {
    await stopPostgres();
  }
};

export const eventstore: Verb = {
  summary: 'run the event store alone',
  usage,
  run,
};
