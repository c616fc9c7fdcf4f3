import { isSealable } from '../../../domain/seal/block';
import type { SealedEvent } from '../../../domain/seal/event-bytes';
import type { Seal } from '../../../domain/seal/seal';
import type { openEventStore } from '../../../infra/eventstore/client';
import { readStreamLosslessly } from '../../../infra/eventstore/lossless-events';
import { eventStoreSeals } from '../../../infra/eventstore/seals';
import type { StreamNames } from '../../../infra/eventstore/stream-names';
import type { LogScan } from '../../../projections/reading/log-scan';
import { Failure } from '../../verb';
import type { Wanted } from './flags';
import { blocksOf, picksOf, spanOf, type Picked, type WindowEnds } from './window';

/** The log, and the scan that reads its blocks. */
export type Source = {
  readonly client: ReturnType<typeof openEventStore>;
  readonly streams: StreamNames;
  readonly scan: LogScan;
};

/** Of one block, all that its seal is about. */
export const eventsOf = async (
  scan: LogScan,
  { after, to }: Seal,
  signal: AbortSignal,
): Promise<readonly SealedEvent[]> => {
  const events: SealedEvent[] = [];
  for await (const batch of scan({ after, upTo: to }, signal))
    events.push(...batch.filter(isSealable));
  return events;
};

/** Which blocks may have something of what is wanted, and what of their events is shown. */
type Plan = {
  readonly seals: readonly Seal[];
  readonly picks: (events: readonly SealedEvent[], seal: Seal) => readonly Picked[];
};

const NOT_SEALED_YET = 4;
const NO_SUCH_JOB = 5;

const notSealedYet = (): Failure =>
  new Failure(
    NOT_SEALED_YET,
    'nothing of it is sealed yet: try again when the archivist has sealed it',
  );

const windowPlan = async (
  seals: readonly Seal[],
  ends: WindowEnds,
  read: (seal: Seal | undefined) => Promise<readonly SealedEvent[]>,
): Promise<Plan> => {
  const range = blocksOf(seals, ends);
  if (!range) throw notSealedYet();
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
  if (holding.length === 0) throw notSealedYet();
  return {
    seals: holding,
    picks: (events) =>
      events.flatMap((event, index) =>
        event.stream === stream ? [{ index, role: 'window' as const }] : [],
      ),
  };
};

/** @throws Failure when there is no such job, or nothing of what is wanted is sealed yet */
export const planOf = async (
  wanted: Wanted,
  { client, streams, scan }: Source,
  signal: AbortSignal,
): Promise<Plan> => {
  const { seals: stored } = await eventStoreSeals(client, streams).all();
  const seals = stored.flatMap(({ seal }) => (seal ? [seal] : []));
  const read = (seal: Seal | undefined) =>
    seal ? eventsOf(scan, seal, signal) : Promise.resolve([]);
  if (wanted.kind === 'window') return await windowPlan(seals, wanted.ends, read);
  const positions: bigint[] = [];
  let first: bigint | undefined;
  for await (const { position, revision } of readStreamLosslessly(
    client,
    streams.stored(wanted.stream),
  )) {
    first ??= revision;
    positions.push(position.commit);
  }
  if (positions.length === 0) throw new Failure(NO_SUCH_JOB, `there is no ${wanted.stream}`);
  if (first !== 0n)
    throw new Failure(
      NO_SUCH_JOB,
      `${wanted.stream} begins at revision ${first}: an administrator has truncated it, and a file of what is left would claim to be whole; export a window instead`,
    );
  return streamPlan(seals, wanted.stream, positions);
};
