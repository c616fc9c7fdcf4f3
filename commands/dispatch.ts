import { decideDue } from '../domain/job/decide-dispatch';
import type { DueJob } from '../domain/job/due-job';
import type { Instant } from '../domain/time';
import { appendAt, ifGone, type AttemptDeps } from './process-order';

export type DispatchAnswer =
  | {
      readonly outcome: 'dispatched';
      readonly revision: bigint;
      readonly position: bigint;
      readonly ticket: string;
    }
  | { readonly outcome: 'expired' }
  | { readonly outcome: 'too-early'; readonly dueAt: Instant }
  /** The row was old: the stream has moved on, and the projection will say so. */
  | { readonly outcome: 'stale' }
  /** Its stream was deleted for good: it never runs. */
  | { readonly outcome: 'gone' };

const dispatcher = { kind: 'system', id: 'dispatcher' } as const;

/** Appends JobDispatched (or JobExpired, when it is later than it may be) at the row's revision, reading nothing. */
export const dispatchCommand =
  (deps: AttemptDeps) =>
  async (due: DueJob): Promise<DispatchAnswer> => {
    const { jobId, dueAt, attempt, revision, maxLatenessMs } = due;
    const at = deps.clock.now();
    const definition = maxLatenessMs === undefined ? {} : { maxLatenessMs };
    const decision = decideDue(at, { dueAt, attempt, definition });
    if (decision.outcome === 'rejected') return { outcome: 'too-early', dueAt };
    const [event] = decision.events;
    // Stryker disable next-line ConditionalExpression,ObjectLiteral: a due job has always an event, the compiler wants it said
    if (!event) return { outcome: 'stale' };
    const order = { jobId, actor: dispatcher, seed: [event.type, String(revision)] };
    const appended = await ifGone(appendAt(deps, order, [event], at, revision), {
      outcome: 'gone' as const,
    });
    if (appended.outcome === 'gone') return appended;
    if (appended.outcome === 'conflict') return { outcome: 'stale' };
    if (event.type === 'JobExpired') return { outcome: 'expired' };
    const ticket = deps.proofs.ticket({ ...due, revision: appended.revision });
    return {
      outcome: 'dispatched',
      revision: appended.revision,
      position: appended.position,
      ticket,
    };
  };
