import type { parseArgs } from 'node:util';
import type { AsOf } from '../../domain/audit/as-of';
import { systemClock } from '../../infra/clock';
import { filterFlags, momentFrom, wholeFrom } from '../flag-values';
import { serverFlags } from '../servers';
import { UsageError } from '../verb';

/** May see everything. */
export const OPERATOR = { kind: 'operator', id: 'cli' } as const;

export const flags = {
  ...serverFlags,
  ...filterFlags,
  at: { type: 'string' },
  with: { type: 'string' },
  change: { type: 'string' },
  limit: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

export type Given = ReturnType<typeof parseArgs<{ options: typeof flags }>>['values'];

/** @throws UsageError */
export const momentOf = ({ at }: Given): AsOf => {
  if (at === undefined) throw new UsageError('--at is missing: give a time or a log position');
  return momentFrom(at, systemClock.now());
};

export const limitFrom = ({ limit }: Given): { readonly limit?: number } =>
  limit === undefined ? {} : { limit: wholeFrom('limit', limit) };
