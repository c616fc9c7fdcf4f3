import { Type } from '@sinclair/typebox';
import { heldBackReasons } from '../../domain/shares/held-back';
import type { OwnerShare, QueueShare } from '../../domain/shares/shares';
import { LIMITS } from '../access/limits';
import { integerOrNull, oneOf, optionalInteger, strict, timestamp } from './parts';

const upTo = (maximum: number, description: string) => optionalInteger(1, maximum, { description });

const queueLimits = {
  maxRunning: upTo(LIMITS.shares.maxRunning, 'Jobs of the queue that run at once.'),
  maxRunningPerOwner: upTo(
    LIMITS.shares.maxRunning,
    'Jobs of each owner that run at once in this queue.',
  ),
  ratePerSecond: upTo(LIMITS.shares.ratePerSecond, 'Jobs that are dispatched a second.'),
};

const queueShare = Type.Object(queueLimits, strict);

const ownerShare = Type.Object(
  {
    maxRunning: upTo(
      LIMITS.shares.maxRunning,
      'Jobs of the owner that run at once, over all queues.',
    ),
    weight: upTo(LIMITS.shares.weight, 'Turns within a queue when more is due than goes out; 1.'),
  },
  strict,
);

/** An object with any fitting names: a pattern for names would let those through that do not fit. */
const named = <T>(names: object, entry: object, maxProperties: number, description: string) =>
  Type.Unsafe<Readonly<Record<string, T>>>({
    type: 'object',
    propertyNames: { type: 'string', ...names },
    additionalProperties: entry,
    maxProperties,
    description,
  });

export const sharesSchema = Type.Object(
  {
    queues: named<QueueShare>(
      { format: 'queue-name' },
      queueShare,
      LIMITS.shares.queues,
      'By name. What is not named here falls to the settings.',
    ),
    owners: named<OwnerShare>(
      { minLength: 1, maxLength: 255, format: 'visible-text' },
      ownerShare,
      LIMITS.shares.owners,
      'By id. What is not named here falls to the settings.',
    ),
  },
  { ...strict, title: 'Shares of queues and owners' },
);

const heldBack = Type.Object({
  reason: oneOf(Object.keys(heldBackReasons)),
  since: timestamp,
});

const backlog = Type.Integer({
  description: 'Due and not dispatched yet; at least so many when `isBacklogCut`.',
});

const startsPerSecond = Type.Number({
  minimum: 0,
  description:
    'Jobs of it that started in the last minute, by 60. Those of executors that beat are counted.',
});

const budget = integerOrNull(
  'Messages that may lie in it undelivered, by what its executors take; null: none was sent to it lately.',
);

export const queuesSchema = Type.Object({
  queues: Type.Array(
    Type.Object({
      queue: Type.String(),
      executors: Type.Integer({ description: 'That beat and can take jobs.' }),
      backlog,
      queued: Type.Integer({ description: 'Dispatched and not started; counted up to 100,000.' }),
      running: Type.Integer({ description: 'Counted up to 100,000.' }),
      startsPerSecond,
      budget,
      oldestWaitMs: integerOrNull('How long the oldest job that should have started has waited.'),
      heldBack: Type.Optional(heldBack),
      ownersHeldBack: Type.Integer({ description: 'Owners who are held back in it.' }),
      limits: Type.Object(queueLimits, { description: 'In force; absent: no limit.' }),
    }),
    {
      maxItems: LIMITS.queuesTold,
      description: 'Those that are held back and those that wait longest first.',
    },
  ),
  isBacklogCut: Type.Boolean({
    description: 'So much is due that not all of it was counted.',
  }),
});
