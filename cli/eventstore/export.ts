import { parseArgs } from 'node:util';
import { exportLog, positionFrom } from '@punctual/eventstore';
import { closeEventStore, openEventStore } from '../../infra/eventstore/client';
import { readAllLosslessly, readNewest } from '../../infra/eventstore/lossless-events';
import { reportTo } from '../report';
import { exitCode, UsageError, type Context, type Verb } from '../verb';
import { STDOUT, writeOut, type Write } from '../write-out';

const usage = `usage: punctual eventstore-export --url esdb://… [--out FILE|-] [--from POSITION]

Writes the whole log of an event store, embedded or a real cluster, as JSON lines: one event a line in the
order of the log, stream metadata and tombstones included, and a last line that says how many there are.
FILE appears when it is whole; until then it is FILE.part. Progress goes to stderr.

  --url URL        connection string, with user and password where the server wants them; $all needs an
                   administrator on a secured cluster
  --out FILE       where to write; - is stdout (the default)
  --from POSITION  begin with the event at this position, the "position" of a line of an earlier export

Exit codes: 0 all of it is written; 1 it failed, the file is not whole; 2 wrong flags.
`;

const parseFlags = (args: readonly string[]) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      url: { type: 'string' },
      out: { type: 'string', default: STDOUT },
      from: { type: 'string' },
    },
  });
  if (values.url === undefined) throw new UsageError('--url is missing');
  const from = values.from === undefined ? ('start' as const) : positionFrom(values.from);
  if (from === undefined) throw new UsageError(`--from ${values.from ?? ''} is no position`);
  return { url: values.url, out: values.out, from };
};

const writeLog = async (
  { url, from }: ReturnType<typeof parseFlags>,
  write: Write,
  { stdout, stderr, signal }: Context,
): Promise<void> => {
  const client = openEventStore(url);
  const report = reportTo({ stdout, stderr }, false);
  const last = (await readNewest(client))?.position.commit ?? 0n;
  const events = await exportLog(readAllLosslessly(client, from), write, ({ position }, soFar) => {
    if (signal.aborted) throw new Error('it was told to end');
    report.progress('exporting', soFar, Math.min(1, Number(position.commit) / Number(last)));
  });
  report.end();
  stderr.write(`exported ${events} events\n`); // stdout may be where the events go
  // after a failure the end of the process closes the connection: a read that was left early cannot be disposed of
  await closeEventStore(client);
};

const run: Verb['run'] = async (args, context) => {
  const flags = parseFlags(args);
  await writeOut(flags.out, context.stdout, (write) => writeLog(flags, write, context));
  return exitCode.done;
};

export const eventstoreExport: Verb = {
  summary: 'write the log of an event store as JSON lines',
  usage,
  run,
};
