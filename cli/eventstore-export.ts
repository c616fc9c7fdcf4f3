import { parseArgs } from 'node:util';
import { closeEventStore, openEventStore } from '../infra/eventstore/client';
import { readAllExactly, readNewest, type LogPosition } from '../infra/eventstore/exact-events';
import { endLine, eventLine, positionFrom } from './log-file/line';
import { reportTo } from './report';
import { exitCode, UsageError, type Surroundings, type Verb } from './verb';
import { STDOUT, writeOut, type Write } from './write-out';

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

type Flags = {
  readonly url: string;
  readonly out: string;
  readonly from: LogPosition | 'start';
};

const parseFlags = (args: readonly string[]): Flags => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      url: { type: 'string' },
      out: { type: 'string', default: STDOUT },
      from: { type: 'string' },
    },
  });
  if (values.url === undefined) throw new UsageError('--url is missing');
  const from = values.from === undefined ? 'start' : positionFrom(values.from);
  if (from === undefined) throw new UsageError(`--from ${values.from ?? ''} is no position`);
  return { url: values.url, out: values.out, from };
};

const flushBytes = 64 * 1024;

/** Collects lines into larger writes and waits while the other side is full. */
const buffered = (write: Write) => {
  let text = '';
  const flush = async (): Promise<void> => {
    const full = text;
    text = '';
    if (full !== '') await write(full);
  };
  const add = async (line: string): Promise<void> => {
    text += line;
    if (text.length >= flushBytes) await flush();
  };
  return { add, flush };
};

const exportLog = async (
  { url, from }: Flags,
  write: Write,
  { stdout, stderr, signal }: Surroundings,
): Promise<void> => {
  const client = openEventStore(url);
  const report = reportTo({ stdout, stderr }, false);
  const lines = buffered(write);
  const last = (await readNewest(client))?.position.commit ?? 0n;
  let events = 0;
  for await (const event of readAllExactly(client, from)) {
    if (signal.aborted) throw new Error('it was told to end');
    await lines.add(eventLine(event));
    events += 1;
    report.progress('exporting', events, Math.min(1, Number(event.position.commit) / Number(last)));
  }
  await lines.add(endLine(events));
  await lines.flush();
  report.end();
  stderr.write(`exported ${events} events\n`); // stdout may be where the events go
  // after a failure the end of the process closes the connection: a read that was left early cannot be disposed of
  await closeEventStore(client);
};

const run: Verb['run'] = async (args, surroundings) => {
  const flags = parseFlags(args);
  await writeOut(flags.out, surroundings.stdout, (write) => exportLog(flags, write, surroundings));
  return exitCode.done;
};

export const eventstoreExport: Verb = {
  summary: 'write the log of an event store as JSON lines',
  usage,
  run,
};
