import { Type } from '@sinclair/typebox';
import { LIMITS } from '../access/limits';
import { position, timestamp } from './parts';

const ageMs = (description: string) => Type.Integer({ minimum: 0, description });

const told = (description: string) => ({ maxItems: LIMITS.systemTold, description });

const leftOut = (what: string) => ({ const: true, description: `It did not look at ${what}.` });

type VerificationTold = {
  readonly from?: string;
  readonly to?: string;
  readonly position?: string;
  readonly events: number;
  readonly violations: number;
  readonly gone: number;
  readonly sealHead?: string;
  readonly noReadModel?: true;
  readonly noNats?: true;
  readonly verifiedAt: string;
  readonly verifiedBy: string;
};

export const systemSchema = Type.Object(
  {
    processes: Type.Array(
      Type.Object({
        instance: Type.String({ description: 'The program that it runs in.' }),
        process: Type.String(),
        unseenMs: ageMs('How long ago it told of itself.'),
        stillMs: ageMs('How long it had not moved by then.'),
        waitsFor: Type.Array(Type.Object({ server: Type.String(), reason: Type.String() })),
      }),
      { description: 'Those that were heard of lately.' },
    ),
    dispatchers: Type.Array(
      Type.Object({ dispatcherId: Type.String(), slots: Type.Integer({ minimum: 1 }) }),
      { description: 'Those that hold slots, shares of the jobs, right now.' },
    ),
    slots: Type.Object({
      all: Type.Integer(),
      unheld: Type.Integer({ description: 'Whose jobs nobody dispatches right now.' }),
    }),
    executors: Type.Object({
      count: Type.Integer(),
      items: Type.Array(
        Type.Object({
          executorId: Type.String(),
          queue: Type.String(),
          running: Type.Integer(),
          unseenMs: ageMs('How long ago its last beat was heard.'),
          cannotTake: Type.Optional(Type.String({ description: 'Why it takes no jobs.' })),
        }),
        told('Those that were heard last first.'),
      ),
    }),
    parkedStreams: Type.Object({
      count: Type.Integer(),
      items: Type.Array(
        Type.Object({
          stream: Type.String(),
          revision: Type.Integer(),
          position,
          error: Type.String(),
          parkedAt: timestamp,
        }),
        told('Of which an event could not be applied; those parked last first.'),
      ),
    }),
    seal: Type.Optional(
      Type.Unsafe<{
        readonly block: number;
        readonly position: string;
        readonly sealedAt: string;
      } | null>({
        type: ['object', 'null'],
        properties: { block: Type.Integer(), position, sealedAt: timestamp },
        required: ['block', 'position', 'sealedAt'],
        description:
          'How far the log is sealed, as the newest seal says: `audit verify --seal` checks it. Null: no seal yet. Absent: the log cannot tell now.',
      }),
    ),
    verification: Type.Optional(
      Type.Unsafe<VerificationTold | null>({
        type: ['object', 'null'],
        properties: {
          from: Type.String(),
          to: Type.String(),
          position,
          events: Type.Integer(),
          violations: Type.Integer(),
          gone: Type.Integer(),
          sealHead: Type.String(),
          noReadModel: leftOut('the read model'),
          noNats: leftOut('the messages of the broker'),
          verifiedAt: timestamp,
          verifiedBy: Type.String(),
        },
        required: ['events', 'violations', 'gone', 'verifiedAt', 'verifiedBy'],
        description:
          'What `POST /v1/tools/verify` found when it last came to its end, of all of the log unless there is `from` or `to`. Null: it never did. Absent: the log cannot tell now.',
      }),
    ),
  },
  { title: 'What runs, and what stands still' },
);
