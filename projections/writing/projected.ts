import type { Notice } from './notice';
import type { Statement } from './write-session';

/** The channel on which Postgres tells, with the commit of each batch, how far a projection is. */
export const PROJECTED_CHANNEL = 'projected';

/** What a message on the channel says, as JSON, beside what the projections say of their rows; positions are texts, for JSON has no bigint. */
export type Projected = { readonly position: string };

/** What a projector says with the commit of each batch. */
export type Announce = (position: bigint, notice: Notice) => readonly Statement[];

/** For tables that nobody reads yet: the channel is the whole database's, and dispatchers act on it. */
export const announceNothing: Announce = () => [];

const bigintAsText = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? String(value) : value;

/** For the tables that are read: wakes the dispatchers and those who wait for their own writes. */
export const announceProjected: Announce = (position, notice) => {
  return [
    {
      name: 'notify_projected',
      text: `select pg_notify('${PROJECTED_CHANNEL}', $1)`,
      values: [JSON.stringify({ ...notice, position }, bigintAsText)],
    },
  ];
};
