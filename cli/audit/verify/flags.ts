import { parseArgs } from 'node:util';
import { parseTimestamp } from '../../../domain/time';
import type { WindowStart } from '../../../projections/audit/job-check';
import type { WindowEnd } from '../../../projections/audit/verify';
import { paceFlags } from '../../pace';
import { keyFlags } from '../seal-keys';
import { serverFlags } from '../../servers';
import type { SealFlags } from './seals';
import { UsageError } from '../../verb';

const TICKS_PER_MS = 10_000n;
const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** A place in the log that was typed: digits are a position, else a time. */
const placeOf = (
  flag: string,
  text: string,
): { readonly position: bigint } | { readonly ticks: bigint } => {
  if (/^\d{1,19}$/.test(text)) return { position: BigInt(text) };
  const time = parseTimestamp(text);
  if ('at' in time) return { ticks: BigInt(time.at) * TICKS_PER_MS };
  const why =
    time.problem === 'offset-required'
      ? 'a time with an offset, such as Z'
      : 'a time or a position';
  throw new UsageError(`--${flag} ${text}: ${why} is needed, 2026-11-23T10:00:00Z or 12345`);
};

const startOf = (text: string | undefined): WindowStart => {
  if (text === undefined) return { kind: 'log-start' };
  const place = placeOf('from', text);
  return 'ticks' in place
    ? { kind: 'at-time', ticks: place.ticks }
    : { kind: 'after-position', position: place.position };
};

const endOf = (text: string | undefined): WindowEnd => {
  if (text === undefined) return { kind: 'log-end' };
  const place = placeOf('to', text);
  return 'ticks' in place
    ? { kind: 'before-time', ticks: place.ticks }
    : { kind: 'at-position', position: place.position };
};

const countOf = (flag: string, text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`--${flag} ${text} is no number from 0 on`);
  return Number(text);
};

const durationMs = (text: string): number => {
  const [, count = '', unit = ''] = /^(\d{1,9})([smh])$/.exec(text) ?? [];
  const factor = unitMs[unit];
  if (factor === undefined)
    throw new UsageError(
      `--overdue-after ${text}: a whole number with s, m or h is needed, such as 90m`,
    );
  return Number(count) * factor;
};

const checkOrder = (start: WindowStart, end: WindowEnd): void => {
  const isEmpty =
    (start.kind === 'at-time' && end.kind === 'before-time' && start.ticks >= end.ticks) ||
    (start.kind === 'after-position' &&
      end.kind === 'at-position' &&
      start.position >= end.position);
  if (isEmpty) throw new UsageError('--from is not before --to: nothing lies between them');
};

type SealValues = {
  readonly seal: boolean;
  readonly 'public-key'?: readonly string[] | undefined;
  readonly 'data-dir'?: string | undefined;
  readonly 'last-seal'?: string | undefined;
};

/** Undefined when seals are left out. */
const sealFlagsOf = (values: SealValues): SealFlags | undefined => {
  const { seal, 'public-key': publicKeys, 'data-dir': dataDir, 'last-seal': lastSeal } = values;
  if (seal) return { publicKeys, dataDir, lastSeal };
  if (publicKeys !== undefined || lastSeal !== undefined)
    throw new UsageError('--public-key and --last-seal are about seals: add --seal');
  return undefined;
};

export const parseVerifyFlags = (args: readonly string[]) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...serverFlags,
      ...paceFlags,
      ...keyFlags,
      seal: { type: 'boolean', default: false },
      'last-seal': { type: 'string' },
      from: { type: 'string' },
      to: { type: 'string' },
      owners: { type: 'string', default: '10' },
      'max-violations': { type: 'string', default: '100' },
      'overdue-after': { type: 'string', default: '1h' },
      'no-nats': { type: 'boolean', default: false },
      'no-read-model': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const start = startOf(values.from);
  const end = endOf(values.to);
  checkOrder(start, end);
  const isToTheEnd = end.kind === 'log-end'; // rows and messages are of now
  const seals = sealFlagsOf(values);
  if (seals && !(isToTheEnd && start.kind !== 'after-position'))
    throw new UsageError('--seal checks the whole log: leave out --to, and --from with a position');
  return {
    servers: values,
    start,
    end,
    owners: countOf('owners', values.owners),
    maxViolations: countOf('max-violations', values['max-violations']),
    overdueAfterMs: durationMs(values['overdue-after']),
    withMessages: isToTheEnd && !values['no-nats'],
    withReadModel: isToTheEnd && !values['no-read-model'],
    isJson: values.json,
    ...(seals && { seals }),
    rate: values.rate,
  };
};
export type VerifyFlags = ReturnType<typeof parseVerifyFlags>;
