import { isObject } from '../events/fields';

/** What a queue may have at once. What is not named falls to the settings; absent there too: no limit. */
export type QueueShare = {
  /** Running jobs of the queue, whoever owns them. */
  readonly maxRunning?: number;
  /** Running jobs of each owner in this queue. */
  readonly maxRunningPerOwner?: number;
  /** Dispatches a second. */
  readonly ratePerSecond?: number;
};

/** What an owner may have at once. */
export type OwnerShare = {
  /** Running jobs of the owner over all queues. */
  readonly maxRunning?: number;
  /** Turns that the owner gets within a queue, 1 to 100; default 1. */
  readonly weight?: number;
};

/** Who may have how much of what is scarce: one document, set by operators. Names are those of queues and owners. */
export type Shares = {
  readonly queues: Readonly<Record<string, QueueShare>>;
  readonly owners: Readonly<Record<string, OwnerShare>>;
};

export const noShares: Shares = { queues: {}, owners: {} };

type Fields = readonly string[];

const queueFields: readonly (keyof QueueShare)[] = [
  'maxRunning',
  'maxRunningPerOwner',
  'ratePerSecond',
];
const ownerFields: readonly (keyof OwnerShare)[] = ['maxRunning', 'weight'];

const isCount = (value: unknown): boolean =>
  value === undefined || (Number.isSafeInteger(value) && Number(value) > 0);

const areEntries = (value: unknown, fields: Fields): boolean =>
  isObject(value) &&
  Object.values(value).every(
    (entry) => isObject(entry) && fields.every((field) => isCount(entry[field])),
  );

/** Whether stored data is a document of shares; fields that nobody knows do not matter. */
export const isShares = (value: unknown): value is Shares =>
  isObject(value) &&
  areEntries(value['queues'], queueFields) &&
  areEntries(value['owners'], ownerFields);

type Entries = Readonly<Record<string, Readonly<Record<string, number | undefined>>>>;

const areSame = (a: Entries, b: Entries, fields: Fields): boolean => {
  const theirs = new Map(Object.entries(b)); // names come from outside: one may be `constructor`
  const ours = Object.entries(a);
  return (
    ours.length === theirs.size &&
    ours.every(([name, entry]) => {
      const other = theirs.get(name);
      return other !== undefined && fields.every((field) => entry[field] === other[field]);
    })
  );
};

/** Whether two documents say the same, in whatever order. */
export const isSameShares = (a: Shares, b: Shares): boolean =>
  areSame(a.queues, b.queues, queueFields) && areSame(a.owners, b.owners, ownerFields);
