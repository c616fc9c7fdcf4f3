import { parseArgs } from 'node:util';
import type { WindowStart } from '../../../projections/audit/stream-check';
import type { WindowEnd } from '../../../projections/audit/verify';
import { durationMsFrom, placeFrom, wholeFrom } from '../../flag-values';
import { paceFlags } from '../../pace';
import { keyFlags } from '../seal-keys';
import { serverFlags } from '../../servers';
import type { SealFlags } from './seals';
import { UsageError } from '../../verb';

const startOf = (text: string | undefined): WindowStart => {
  if (text === undefined) return { kind: 'log-start' };
  const place = placeFrom('from', text);
  return 'ticks' in place
    ? { kind: 'at-time', ticks: place.ticks }
    : { kind: 'after-position', position: place.position };
};

const endOf = (text: string | undefined): WindowEnd => {
  if (text === undefined) return { kind: 'log-end' };
  const place = placeFrom('to', text);
  return 'ticks' in place
    ? { kind: 'before-time', ticks: place.ticks }
    : { kind: 'at-position', position: place.position };
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
    owners: wholeFrom('owners', values.owners, 0),
    maxViolations: wholeFrom('max-violations', values['max-violations'], 0),
    overdueAfterMs: durationMsFrom('overdue-after', values['overdue-after']),
    withMessages: isToTheEnd && !values['no-nats'],
    withReadModel: isToTheEnd && !values['no-read-model'],
    isJson: values.json,
    ...(seals && { seals }),
    rate: values.rate,
  };
};
export type VerifyFlags = ReturnType<typeof parseVerifyFlags>;
