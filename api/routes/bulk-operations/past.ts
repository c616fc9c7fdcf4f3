import type { PastOperationAsked } from '../../../commands/operations/operation-as-of';
import type { Past } from '../../../commands/past/stream-as-of';
import type { AsOf } from '../../../domain/audit/as-of';
import { isJobId } from '../../../domain/ids';
import { actorOf } from '../../access/principal';
import { RETRY_AFTER } from '../../http/failures';
import type { Refusal } from '../../http/problem';
import type { Call } from '../../http/route';
import type { BulkOperationsDeps } from './deps';

/** What a fold has of an operation as it stood then. */
export const pastOf = async <Known>(
  { streamReads }: BulkOperationsDeps,
  { principal, inTime }: Call,
  { operationId, asOf }: { readonly operationId: string; readonly asOf: AsOf },
  fold: (asked: PastOperationAsked) => Promise<Past<Known>>,
): Promise<{ readonly known: Known } | Refusal> => {
  if (!isJobId(operationId)) return { code: 'operation-not-found' };
  const actor = actorOf(principal);
  const read = await streamReads(principal.id, () =>
    inTime((signal) => fold({ operationId, actor, asOf, signal }), 'as-of-timed-out'),
  );
  if (!read) return { code: 'projection-behind', headers: RETRY_AFTER };
  const past = read.value;
  if (past.outcome === 'none') return { code: 'operation-not-found' };
  if (past.outcome === 'too-long') return { code: 'as-of-timed-out', headers: RETRY_AFTER };
  return past;
};
