import type { CommitResult, StorageReader } from '../store/storage';
import type { Admission } from './admission';
import type { AppendOutcome } from './events';
import type { Group } from './group';
import type { Log } from './log';
import type { RecentIds } from './recent-ids';
import { unknown, type Pending, type WriteQueue } from './write-queue';

export type AnswersDeps = {
  readonly idsFrom: StorageReader['idsFrom'];
  readonly recent: RecentIds;
  readonly push: WriteQueue['push'];
  readonly log: Log;
};

type Compare = Extract<Admission, { readonly kind: 'compare' }>;

/** Settles the requests of a group, once its commit is known, or asks them again. */
export const answersTo = ({ idsFrom, recent, push, log }: AnswersDeps) => {
  /** `new` says that none of the events is stored where they would be. */
  const compared = async ({ request, comparison }: Compare): Promise<AppendOutcome | 'new'> => {
    const { stream, events } = request;
    const { from, current, mayBeNew } = comparison;
    const stored = await idsFrom(stream, from, events.length);
    const isStored = events.map(({ id }, i) => stored[i]?.id.equals(id) ?? false);
    const last = stored[events.length - 1];
    if (last && isStored.every(Boolean)) {
      for (const { id, revision, sequence } of stored) recent.add(stream, id, revision, sequence);
      return {
        outcome: 'appended',
        revision: last.revision,
        sequence: mayBeNew ? undefined : last.sequence,
      };
    }
    if (mayBeNew && !isStored[0]) return 'new';
    return { outcome: 'wrong-expected-revision', current };
  };

  const compare = async (admission: Compare, { settle }: Pending): Promise<void> => {
    const result = await compared(admission).catch((error: unknown) => {
      log('warn', 'a lookup of event ids failed', { error: String(error) });
      return unknown;
    });
    if (result === 'new') push(admission.request, settle, { isNotStored: true });
    else settle(result);
  };

  const answer = (admission: Admission, pending: Pending): void => {
    const { request, settle, isNotStored } = pending;
    switch (admission.kind) {
      case 'answer':
        settle(admission.outcome);
        return;
      case 'load':
        push(request, settle, { also: admission.stream, isNotStored });
        return;
      case 'compare':
        void compare(admission, pending);
    }
  };

  return ({ taken, admissions }: Group, result: CommitResult | 'unknown'): void => {
    taken.forEach((pending, i) => {
      const { request, settle, pinned, isNotStored } = pending;
      for (const head of pinned) head.pins -= 1;
      const admission = admissions[i];
      if (result === 'stored' && admission) answer(admission, pending);
      else if (result === 'revision-taken') push(request, settle, { isNotStored, isCertain: true });
      else settle(unknown);
    });
  };
};
