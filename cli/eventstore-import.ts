import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { closeEventStore, openEventStore } from '../infra/eventstore/client';
import { exactAppends, tombstone } from '../infra/eventstore/exact-appends';
import { readNewest } from '../infra/eventstore/exact-events';
import { lanes } from './log-file/lanes';
import { BadLineError, type LineEvent } from './log-file/line';
import { ConflictError, placing, type Placing } from './log-file/placing';
import { readLog } from './log-file/read-log';
import { reportTo } from './report';
import { exitCode, UsageError, type Surroundings, type Verb } from './verb';

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

type Flags = {
  readonly url: string;
  readonly file: string;
  readonly inFlight: number;
  readonly renumber: boolean;
  readonly system: boolean;
};

const parseFlags = (args: readonly string[]): Flags => {
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
  const inFlight = Number(inFlightText);
  if (!Number.isInteger(inFlight) || inFlight < 1 || inFlight > mostInFlight)
    throw new UsageError(`--in-flight ${inFlightText} is not 1 to ${mostInFlight}`);
  return { url, file, inFlight, renumber, system };
};

/** A stream and its metastream share a lane: deletion and metadata take effect between the events they stood between. */
const originalOf = ({ stream }: LineEvent): string =>
  stream.startsWith('$$') ? stream.slice(2) : stream;

const isSystem = (event: LineEvent): boolean => originalOf(event).startsWith('$');

const inputOf = async (file: string, stdin: Surroundings['stdin']) =>
  file === '-'
    ? { chunks: stdin, bytes: undefined }
    : { chunks: createReadStream(file), bytes: (await stat(file)).size };

type Source = {
  readonly chunks: AsyncIterable<Buffer>;
  /** Of all of it, where that is known. */
  readonly bytes: number | undefined;
};

const importLines = async (
  source: Source,
  placed: Placing,
  { inFlight, system }: Flags,
  { stdout, stderr, signal }: Surroundings,
): Promise<{ readonly skipped: number }> => {
  const report = reportTo({ stdout, stderr }, false);
  const { add, drained } = lanes({ place: placed.place, inFlight, laneOf: originalOf });
  let [events, skipped] = [0, 0];
  try {
    for await (const { event, readBytes } of readLog(source.chunks)) {
      if (signal.aborted) throw new Error('it was told to end; run it again to go on');
      events += 1;
      if (isSystem(event) && !system) skipped += 1;
      else await add(event);
      report.progress('importing', events, source.bytes && readBytes / source.bytes);
    }
  } catch (error) {
    // what was read before the bad line is whole
    if (error instanceof BadLineError) await drained();
    throw error;
  } finally {
    report.end();
  }
  await drained();
  placed.finish();
  return { skipped };
};

const codeOf = (error: unknown): number | undefined => {
  if (error instanceof BadLineError) return badFile;
  return error instanceof ConflictError ? conflict : undefined;
};

const run: Verb['run'] = async (args, surroundings) => {
  const { stderr, stdin } = surroundings;
  const flags = parseFlags(args);
  const source = await inputOf(flags.file, stdin);
  const client = openEventStore(flags.url);
  try {
    const target = {
      append: exactAppends(client),
      tombstone: (stream: string) => tombstone(client, stream),
      newest: (stream: string) => readNewest(client, stream),
      lastPosition: (await readNewest(client))?.position.commit ?? -1n,
    };
    const placed = placing(target, flags.renumber);
    const tell = (skipped: number): void => {
      const { imported, present } = placed.counts();
      const left = skipped > 0 ? `, ${skipped} of system streams left out` : '';
      stderr.write(`imported ${imported} events, ${present} were there already${left}\n`);
    };
    try {
      const { skipped } = await importLines(source, placed, flags, surroundings);
      tell(skipped);
      return exitCode.done;
    } catch (error) {
      tell(0);
      const code = codeOf(error);
      if (code === undefined) throw error;
      stderr.write(`punctual eventstore-import: ${(error as Error).message}\n`); // codeOf knows errors only
      return code;
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
