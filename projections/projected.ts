import type { DueNotice } from './projection';
import type { Statement } from './writing/write-session';

/** The channel on which Postgres tells, with the commit of each batch, how far a projection is. */
export const PROJECTED_CHANNEL = 'projected';

/** What a message on the channel says, as JSON; positions are texts, for JSON has no bigint. */
export type Projected = {
  readonly position: string;
  /** Lowest position and earliest due time among the rows of due_jobs that the batch wrote. */
  readonly duePosition: string | null;
  readonly dueAt: number | null;
};

/** What a projector says with the commit of each batch. */
export type Announce = (position: bigint, due: DueNotice | undefined) => readonly Statement[];

/** For tables that nobody reads yet: the channel is the whole database's, and dispatchers act on it. */
export const announceNothing: Announce = () => [];

/** For the tables that are read: wakes the dispatchers and those who wait for their own writes. */
export const announceProjected: Announce = (position, due) => {
  const message: Projected = {
    position: String(position),
    duePosition: due ? String(due.position) : null,
    dueAt: due?.dueAt ?? null,
  };
  return [
    {
      name: 'notify_projected',
      text: `select pg_notify('${PROJECTED_CHANNEL}', $1)`,
      values: [JSON.stringify(message)],
    },
  ];
};

/** The notice of several parts of a batch as one. */
export const mergeDue = (
  a: DueNotice | undefined,
  b: DueNotice | undefined,
): DueNotice | undefined => {
  if (!a || !b) return a ?? b;
  return {
    position: a.position < b.position ? a.position : b.position,
    dueAt: Math.min(a.dueAt, b.dueAt),
  };
};
