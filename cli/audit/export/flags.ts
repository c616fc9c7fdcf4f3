import { parseArgs } from 'node:util';
import { isUuid, jobStream } from '../../../domain/ids';
import { toTimestamp } from '../../../domain/time';
import { placeFrom, TICKS_PER_MS, type Place } from '../../flag-values';
import { paceFlags } from '../../pace';
import { serverFlags } from '../../servers';
import { UsageError } from '../../verb';
import type { Claim } from './lines';
import type { WindowEnds } from './window';

const edgeOf = (place: Place) =>
  'position' in place
    ? { position: String(place.position) }
    : { time: toTimestamp(Number(place.ticks / TICKS_PER_MS)) };

/** What an export is of. */
export type Wanted =
  | { readonly kind: 'window'; readonly ends: WindowEnds }
  | { readonly kind: 'stream'; readonly stream: string };

export const claimOf = (wanted: Wanted): Claim =>
  wanted.kind === 'stream'
    ? { stream: wanted.stream }
    : { window: { from: edgeOf(wanted.ends.from), to: edgeOf(wanted.ends.to) } };

export const parseExportFlags = (args: readonly string[]) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...serverFlags,
      ...paceFlags,
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
    : {
        kind: 'window',
        ends: { from: placeFrom('from', from ?? ''), to: placeFrom('to', to ?? '') },
      };
  return { values, wanted, out, isJson: values.json };
};
