import { open, rename, type FileHandle } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { isSealable, leafHasher } from '../domain/audit/seal/block';
import type { SealedEvent } from '../domain/audit/seal/event-bytes';
import { merkleRoot } from '../domain/audit/seal/merkle';
import type { Seal } from '../domain/audit/seal/seal';
import { toHex } from '../domain/audit/seal/text';
import { isUuid, jobStream } from '../domain/ids';
import { parseTimestamp, toTimestamp } from '../domain/time';
import { closeEventStore, openEventStore } from '../infra/eventstore/client';
import { readStreamExactly } from '../infra/eventstore/exact-events';
import { eventStoreScan } from '../infra/eventstore/log-scan';
import { eventStoreSeals } from '../infra/eventstore/seals';
import { sha256 } from '../infra/sha256';
import { blockLines, endLine, headerLine, type Claim } from './audit-export/lines';
import { blocksOf, picksOf, spanOf, type Picked, type WindowEnds } from './audit-export/window';
import { reportTo, type Report } from './report';
import { serverFlags, serversFrom, serverUsage } from './servers';
import { exitCode, UsageError, type Surroundings, type Verb } from './verb';

const usage = `usage: punctual audit export --from PLACE --to PLACE --out FILE [flags]
       punctual audit export --job ID --out FILE [flags]

Writes events with the seals and proofs that show that they are as they were sealed and that none is missing.
Whoever has the file and the public key checks it without us: node verify-export.mjs FILE PUBLIC_KEY.pem
FILE appears when it is whole; until then it is FILE.part.

  --from PLACE        a time (2026-11-23T10:00:00Z) or a position; inclusive
  --to PLACE          a time (exclusive) or a position (inclusive)
  --job ID            all events of one job instead of a window
  --out FILE          where to write
${serverUsage}
  --json              JSON lines instead of text

Exit codes: 0 written; 1 it failed, there is no file; 2 wrong flags; 3 the log does not match its seals.
`;

const MISMATCH = 3;
const TICKS_PER_MS = 10_000n;

type Place = { readonly position: bigint } | { readonly ticks: bigint };

const placeOf = (flag: string, text: string): Place => {
  if (/^\d{1,18}$/.test(text)) return { position: BigInt(text) };
  const time = parseTimestamp(text);
  if ('at' in time) return { ticks: BigInt(time.at) * TICKS_PER_MS };
  throw new UsageError(
    `--${flag} ${text} is neither a position nor a time with an offset, such as 2026-11-23T10:00:00Z`,
  );
};

const edgeOf = (place: Place) =>
  'position' in place
    ? { position: String(place.position) }
    : { time: toTimestamp(Number(place.ticks / TICKS_PER_MS)) };

type Wanted =
  | { readonly kind: 'window'; readonly ends: WindowEnds }
  | { readonly kind: 'stream'; readonly stream: string };

const parseFlags = (args: readonly string[]) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...serverFlags,
      from: { type: 'string' },
      to: { type: 'string' },
      job: { type: 'string' },
      out: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const { from, to, job, out } = values;
  if (out === undefined) throw new UsageError('--out is missing');
  const isWindow = from !== undefined && to !== undefined && job === undefined;
  const isJob = job !== undefined && from === undefined && to === undefined;
  if (!isWindow && !isJob) throw new UsageError('give --from and --to, or --job');
  if (isJob && !isUuid(job))
    throw new UsageError(`--job ${job} is no job id, a UUID in lower case`);
  const wanted: Wanted = isJob
    ? { kind: 'stream', stream: jobStream(job) }
    : { kind: 'window', ends: { from: placeOf('from', from ?? ''), to: placeOf('to', to ?? '') } };
  return { servers: values, wanted, out, isJson: values.json };
};

const claimOf = (wanted: Wanted): Claim =>
  wanted.kind === 'stream'
    ? { stream: wanted.stream }
    : { window: { from: edgeOf(wanted.ends.from), to: edgeOf(wanted.ends.to) } };

type Client = ReturnType<typeof openEventStore>;

const eventsOf = async (
  client: Client,
  { after, to }: Seal,
  signal: AbortSignal,
): Promise<readonly SealedEvent[]> => {
  const events: SealedEvent[] = [];
  for await (const batch of eventStoreScan(client)({ after, upTo: to }, signal))
    events.push(...batch.filter(isSealable));
  return events;
};

/** Which blocks may have something of what is wanted, and what of their events is shown. */
type Plan = {
  readonly seals: readonly Seal[];
  readonly picks: (events: readonly SealedEvent[], seal: Seal) => readonly Picked[];
};

const NOTHING_SEALED = 'nothing of it is sealed yet: try again when the archivist has sealed it';

const windowPlan = async (
  seals: readonly Seal[],
  ends: WindowEnds,
  read: (seal: Seal | undefined) => Promise<readonly SealedEvent[]>,
): Promise<Plan> => {
  const range = blocksOf(seals, ends);
  if (!range) throw new Error(NOTHING_SEALED);
  const { first, last } = range;
  const span = spanOf(range, ends, await read(seals[first]), await read(seals[last]));
  return {
    seals: seals.slice(Math.max(0, first - 1), last + 2),
    picks: (_events, seal) => picksOf(seals, seals.indexOf(seal), span),
  };
};

const streamPlan = (seals: readonly Seal[], stream: string, positions: readonly bigint[]): Plan => {
  const holds = ({ after, to }: Seal): boolean =>
    positions.some((position) => (after === 'start' || position > after) && position <= to);
  const holding = seals.filter(holds);
  if (holding.length === 0) throw new Error(NOTHING_SEALED);
  return {
    seals: holding,
    picks: (events) =>
      events.flatMap((event, index) =>
        event.stream === stream ? [{ index, role: 'window' as const }] : [],
      ),
  };
};

const planOf = async (wanted: Wanted, client: Client, signal: AbortSignal): Promise<Plan> => {
  const { seals: stored } = await eventStoreSeals(client).all();
  const seals = stored.flatMap(({ seal }) => (seal ? [seal] : []));
  const read = (seal: Seal | undefined) =>
    seal ? eventsOf(client, seal, signal) : Promise.resolve([]);
  if (wanted.kind === 'window') return await windowPlan(seals, wanted.ends, read);
  const positions: bigint[] = [];
  for await (const { position } of readStreamExactly(client, wanted.stream))
    positions.push(position.commit);
  if (positions.length === 0) throw new Error(`there is no ${wanted.stream}`);
  return streamPlan(seals, wanted.stream, positions);
};

class SealMismatch extends Error {
  override readonly name = 'SealMismatch';
}

/** @throws SealMismatch when a block is not as it was sealed */
const write = async (
  file: FileHandle,
  wanted: Wanted,
  client: Client,
  { signal, report }: Pick<Surroundings, 'signal'> & { readonly report: Report },
): Promise<number> => {
  const { seals, picks } = await planOf(wanted, client, signal);
  const leafOf = leafHasher(sha256);
  let events = 0;
  await file.appendFile(headerLine(claimOf(wanted)));
  for (const [done, seal] of seals.entries()) {
    const inBlock = await eventsOf(client, seal, signal);
    signal.throwIfAborted();
    const leaves = inBlock.map(leafOf);
    if (leaves.length === 0 || toHex(merkleRoot(leaves, sha256)) !== seal.root)
      throw new SealMismatch(
        `block ${seal.block} is not as it was sealed: punctual audit verify names the event`,
      );
    const picked = picks(inBlock, seal);
    if (picked.length > 0) await file.appendFile(blockLines(seal, inBlock, leaves, picked));
    events += picked.filter(({ role }) => role === 'window').length;
    report.progress('exporting', events, (done + 1) / seals.length);
  }
  await file.appendFile(endLine(events));
  await file.sync();
  return events;
};

const run: Verb['run'] = async (args, surroundings) => {
  const { servers, wanted, out, isJson } = parseFlags(args);
  const url = (await serversFrom(servers, surroundings)).eventstoreUrl();
  const report = reportTo(surroundings, isJson);
  const client = openEventStore(url);
  const part = `${out}.part`;
  const file = await open(part, 'w');
  try {
    const events = await write(file, wanted, client, { signal: surroundings.signal, report });
    await rename(part, out);
    report.tell('summary', { events, file: out }, `wrote ${events} events to ${out}`);
    return exitCode.done;
  } catch (error) {
    if (!(error instanceof SealMismatch)) throw error;
    report.tell('violation', { message: error.message }, error.message);
    return MISMATCH;
  } finally {
    report.end();
    await file.close();
    await closeEventStore(client);
  }
};

export const auditExport: Verb = { summary: 'write events with the proof of them', usage, run };
