import { Type } from '@sinclair/typebox';
import { oneOf, optionalInteger, strict } from './parts';

const place = (description: string) =>
  Type.String({
    pattern: '^(\\d{1,19}|\\d{4}-\\d{2}-\\d{2}T[0-9:.]{8,18}(Z|[+-]\\d{2}:\\d{2}))$',
    description: `${description}: an RFC 3339 time or a log position.`,
  });

const flag = (description: string) => Type.Optional(Type.Boolean({ description }));

const rate = Type.Optional(
  Type.Union([Type.Integer({ minimum: 1, maximum: 1_000_000 }), Type.Literal('full')], {
    description:
      'Events a second to read at most, or `full`. Absent: full speed while the system is idle, else polite.',
  }),
);

export const replayBody = Type.Object(
  {
    dryRun: flag('Compare only: nothing is swapped.'),
    to: Type.Optional(
      Type.String({
        pattern: '^[a-z_][a-z0-9_]{0,50}$',
        description:
          'Build and compare in this database schema and leave it there; the live tables stay. One that no replay has made is refused.',
      }),
    ),
    fresh: flag('Drop what an earlier replay has left in the schema, and begin anew.'),
    maxDiffs: optionalInteger(0, 10_000, { description: 'Differing rows to tell.' }),
    rate,
  },
  strict,
);

export const verifyBody = Type.Object(
  {
    from: Type.Optional(place('Begin of the window')),
    to: Type.Optional(place('End of the window')),
    overdueAfter: Type.Optional(
      Type.String({
        pattern: '^\\d{1,9}[smh]$',
        description: 'A job that should have moved so long ago hangs: 90s, 15m, 2h. Absent: 1h.',
      }),
    ),
    owners: optionalInteger(0, 10_000, {
      description: 'How many owners of a day have a line of their own. Absent: 10.',
    }),
    maxViolations: optionalInteger(0, 10_000, {
      description: 'Violations to tell; all are counted. Absent: 100.',
    }),
    noReadModel: flag('Do not look at the read model.'),
    noNats: flag('Do not look at the messages.'),
    seal: flag('Check the seals as well.'),
    lastSeal: Type.Optional(
      Type.String({
        pattern: '^[0-9a-f]{64}$', // the flag takes a file as well, which nobody names from afar
        description: 'With `seal`: a head that an earlier run told; it must be in the log.',
      }),
    ),
    rate,
  },
  strict,
);

export const exportBody = Type.Union([
  Type.Object(
    {
      from: place('Begin of the window, inclusive'),
      to: place('End of the window: inclusive for a position, exclusive for a time'),
      rate,
    },
    strict,
  ),
  Type.Object(
    {
      job: Type.String({
        pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$',
        description: 'All events of one job: its id.',
      }),
      rate,
    },
    strict,
  ),
]);

export const simulateBody = Type.Object(
  {
    source: Type.Optional(
      oneOf(['log', 'forecast'], {
        description: 'What happened, or what waits. Absent: `synthetic`.',
      }),
    ),
    synthetic: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9=,.-]{1,200}$',
        description: 'A made-up load: jobs=100000,over=1h,pattern=top-of-hour,durationMs=1000',
      }),
    ),
    dispatchers: optionalInteger(1, 256),
    capacity: optionalInteger(1, 1_000_000),
    spread: Type.Optional(
      Type.String({ pattern: '^\\d{1,9}(ms|s|m|h)$', description: 'Spread window: 30s.' }),
    ),
    seed: optionalInteger(0, 2 ** 32 - 1),
  },
  strict,
);

export const toolLineSchema = Type.Object(
  { kind: Type.String({ description: 'What the line tells: progress, a result, `exit`.' }) },
  { additionalProperties: true, title: 'Line of a tool' },
);
