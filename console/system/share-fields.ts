import type { Shares } from '../http/answers';
import { count } from '../time/format';

export type ShareKind = keyof Shares;
export type Share = Readonly<Record<string, number | undefined>>;

/** What may be limited, in words; a blank field falls to the settings. */
export const SHARE_FIELDS = {
  queues: {
    maxRunning: 'Jobs that run at once',
    maxRunningPerOwner: 'Of each owner at once',
    ratePerSecond: 'Jobs sent a second',
  },
  owners: {
    maxRunning: 'Jobs that run at once, over all queues',
    weight: 'Turns within a queue (1 to 100)',
  },
} as const satisfies Readonly<Record<ShareKind, Readonly<Record<string, string>>>>;

/** The document with one of its entries as it is wanted; without limits it has none. */
export const withShare = (shares: Shares, kind: ShareKind, name: string, share: Share): Shares => {
  const { [name]: _before, ...others } = shares[kind];
  const isBlank = Object.values(share).every((limit) => limit === undefined);
  return { ...shares, [kind]: isBlank ? others : { ...others, [name]: share } };
};

const SHORT: Readonly<Record<string, (limit: number) => string>> = {
  maxRunning: (limit) => `${count(limit)} at once`,
  maxRunningPerOwner: (limit) => `${count(limit)} of an owner`,
  ratePerSecond: (limit) => `${count(limit)} a second`,
  weight: (limit) => `${count(limit)} turns`,
};

/** `50 at once, 10 a second`; `no limit` */
export const shareText = (share: Share): string => {
  const parts = Object.entries(share).flatMap(([field, limit]) =>
    limit === undefined ? [] : [SHORT[field]?.(limit) ?? `${field} ${limit}`],
  );
  return parts.length === 0 ? 'no limit' : parts.join(', ');
};
