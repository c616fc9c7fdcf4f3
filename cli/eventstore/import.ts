import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { BadLineError, ConflictError, importOf, type ImportCounts } from '@punctual/eventstore';
import { closeEventStore, openEventStore } from '../../infra/eventstore/client';
import { losslessAppends, tombstone } from '../../infra/eventstore/lossless-appends';
import { readNewest } from '../../infra/eventstore/lossless-events';
import { wholeFrom } from '../flag-values';
import { reportTo } from '../report';
import { exitCode, Failure, UsageError, type Context, type Verb } from '../verb';

const usage = `usage: punctual eventstore-import --url esdb://… --in FILE|- [--in-flight N] [--renumber] [--system]

Appends what eventstore-export wrote to an event store, embedded or a real cluster: same streams, revisions,
event ids, types, bytes. What is there already stays as it is, so an import that was cut off is simply run
again. Progress goes to stderr.

  --url URL        connection string, with user and password where the server wants them
  --in FILE        what to read; - is stdin
  --in-flight N    appends at a time, 1 to 1000 (default 64). Each stream keeps its order; with 1 the whole
                   log does
  --renumber       streams whose first events are gone from the source (scavenged) begin at revision 0;
                   without it such a stream ends the import
  --system         also streams that begin with one $: the source server's own users, settings, statistics

Exit codes: 0 all of it is there; 1 it failed, run it again; 2 wrong flags; 3 the file is cut or garbled, the
message has the line; 4 the store has something else in the same place, the message has the line.
`;

const badFile = 3;
const conflict = 4;
const defaultInFlight = 64;
const mostInFlight = 1_000;

const parseFlags = (args: readonly string[]) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      url: { type: 'string' },
      in: { type: 'string' },
      'in-flight': { type: 'string', default: String(defaultInFlight) },
      renumber: { type: 'boolean', default: false },
      system: { type: 'boolean', default: false },
    },
  });
  const { url, in: file, 'in-flight': inFlightText, renumber, system } = values;
  if (url === undefined) throw new UsageError('--url is missing');
  if (file === undefined) throw new UsageError('--in is missing');
  const inFlight = wholeFrom('in-flight', inFlightText, 1, mostInFlight);
  return { url, file, inFlight, renumber, system };
};

const inputOf = async (file: string, stdin: Context['stdin']) =>
  file === '-'
    ? { chunks: stdin, bytes: undefined }
    : { chunks: createReadStream(file), bytes: (await stat(file)).size };

const codeOf = (error: unknown): number | undefined => {
  if (error instanceof BadLineError) return badFile;
  return error instanceof ConflictError ? conflict : undefined;
};

const countsText = ({ imported, present, skipped }: ImportCounts): string => {
  const left = skipped > 0 ? `, ${skipped} of system streams left out` : '';
  return `imported ${imported} events, ${present} were there already${left}\n`;
};

const run: Verb['run'] = async (args, { stdin, stdout, stderr, signal }) => {
  const { url, file, ...options } = parseFlags(args);
  const { chunks, bytes } = await inputOf(file, stdin);
  const client = openEventStore(url);
  try {
    const target = {
      append: losslessAppends(client),
      tombstone: (stream: string) => tombstone(client, stream),
      newest: (stream: string) => readNewest(client, stream),
      lastPosition: (await readNewest(client))?.position.commit ?? -1n,
    };
    const report = reportTo({ stdout, stderr }, false);
    const onEvent = (events: number, readBytes: number): void => {
      if (signal.aborted) throw new Error('it was told to end; run it again to go on');
      report.progress('importing', events, bytes && readBytes / bytes);
    };
    const filling = importOf(target, { ...options, onEvent });
    try {
      await filling.run(chunks);
      return exitCode.done;
    } catch (error) {
      const code = codeOf(error);
      if (code === undefined) throw error;
      throw new Failure(code, (error as Error).message); // codeOf knows errors only
    } finally {
      report.end();
      stderr.write(countsText(filling.counts()));
    }
  } finally {
    await closeEventStore(client);
  }
};

export const eventstoreImport: Verb = {
  summary: 'append such lines to an event store',
  usage,
  run,
};
