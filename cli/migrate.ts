import { parseArgs } from 'node:util';
import { postgresChecks } from '../infra/postgres/checks';
import { migrate as migrateSchema } from '../infra/postgres/migrate';
import { unfit } from '../infra/postgres/refusals';
import { tableSessions } from '../infra/postgres/write-session';
import { ServerUnfit } from '../infra/server-check';
import { migrations } from '../projections/migrations/migrations';
import { monthlyTables } from '../projections/projection';
import { readModel } from '../projections/projections';
import {
  monthlyPartitions,
  monthsAhead,
  MONTHS_FAR_AHEAD,
  partitionsAhead,
} from '../projections/writing/partitions';
import { serversFrom } from './servers';
import { exitCode, type Context, type Verb } from './verb';

const APPLICATION_NAME = 'punctual-migrate';

const usage = `usage: punctual migrate [--postgres URL]

Brings the schema of the read model up to date and makes the partitions of due jobs for two years ahead, as the
role that owns the tables. The processes may then run with MIGRATE=off under a role with rights on rows only
(docs/operations.md). Run it with each new build before its processes, and once a year. Again is harmless.

  --postgres URL      read model, postgres://… (default POSTGRES_URL)
  --data-dir DIR      folder of a stack that runs on this machine, whose server is taken where none is named
                      (default DATA_DIR, else .data)

Exit codes: 0 done; 1 it failed, and the schema is as before; 2 wrong flags.
`;

const flags = { postgres: { type: 'string' }, 'data-dir': { type: 'string' } } as const;

/** Sessions, encoding, schema and rights: what a migration would fail at half-way. */
const lookFirst = async (url: string): Promise<void> => {
  const needs = { url, migrations, migrates: true, connections: 2 };
  for (const { name, setting, look } of postgresChecks(needs)) {
    const verdict = await look().catch((error: unknown) => {
      throw unfit(url, name, error);
    });
    if (verdict.outcome === 'missing' && name !== 'partitions ahead')
      throw new ServerUnfit({ setting, url, tried: name, ...verdict });
  }
};

const makePartitions = async (url: string): Promise<void> => {
  const session = await tableSessions(url, APPLICATION_NAME)();
  const tables = monthlyTables(readModel);
  try {
    await monthlyPartitions(session, tables).ensure(
      partitionsAhead(tables, Date.now(), MONTHS_FAR_AHEAD),
    );
  } finally {
    await session.close();
  }
};

const run: Verb['run'] = async (args, context: Context) => {
  const { values } = parseArgs({ args: [...args], options: flags });
  const url = (await serversFrom(values, context)).postgresUrl();
  const { stdout, stderr, signal } = context;
  await lookFirst(url);
  const onWait = (sentence: string): void => {
    stderr.write(`${sentence}\n`);
  };
  try {
    const names = await migrateSchema(url, migrations, { onWait, signal });
    for (const name of names) stdout.write(`migrated ${name}\n`);
    await makePartitions(url);
  } catch (error) {
    throw unfit(url, 'to bring the schema up to date', error);
  }
  const last = monthsAhead(Date.now(), MONTHS_FAR_AHEAD).at(-1)?.replace('_', '-');
  stdout.write(`the schema is up to date, with partitions of due jobs until ${last}\n`);
  return exitCode.done;
};

export const migrate: Verb = {
  summary: 'bring the schema of the read model up to date, as the owner of its tables',
  usage,
  run,
};
