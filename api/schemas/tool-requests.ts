import { Type, type Static } from '@sinclair/typebox';

const strict = { additionalProperties: false };

const place = (description: string) =>
  Type.Optional(
    Type.String({
      pattern: '^(\\d{1,19}|\\d{4}-\\d{2}-\\d{2}T[0-9:.]{8,18}(Z|[+-]\\d{2}:\\d{2}))$',
      description: `${description}: an RFC 3339 time or a log position.`,
    }),
  );

export const replayBody = Type.Object(
  {
    dryRun: Type.Optional(Type.Boolean({ description: 'Compare only: nothing is swapped.' })),
    maxDiffs: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 10_000, description: 'Differing rows to tell.' }),
    ),
  },
  strict,
);
export type ReplayBody = Static<typeof replayBody>;

export const verifyBody = Type.Object(
  {
    from: place('Begin of the window'),
    to: place('End of the window'),
    seal: Type.Optional(Type.Boolean({ description: 'Check the seals as well.' })),
  },
  strict,
);
export type VerifyBody = Static<typeof verifyBody>;

export const simulateBody = Type.Object(
  {
    source: Type.Optional(
      Type.Unsafe<'log' | 'forecast'>({
        type: 'string',
        enum: ['log', 'forecast'],
        description: 'What happened, or what waits. Absent: `synthetic`.',
      }),
    ),
    synthetic: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9=,.-]{1,200}$',
        description: 'A made-up load: jobs=100000,over=1h,pattern=top-of-hour,durationMs=1000',
      }),
    ),
    dispatchers: Type.Optional(Type.Integer({ minimum: 1, maximum: 256 })),
    capacity: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
    spread: Type.Optional(
      Type.String({ pattern: '^\\d{1,9}(ms|s|m|h)$', description: 'Spread window: 30s.' }),
    ),
    seed: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1 })),
  },
  strict,
);
export type SimulateBody = Static<typeof simulateBody>;

export const toolLineSchema = Type.Object(
  { kind: Type.String({ description: 'What the line tells: progress, a result, `exit`.' }) },
  { additionalProperties: true, title: 'Line of a tool' },
);
