import fc from 'fast-check';
import { fromTimestamp, toTimestamp } from '../../../../domain/time';
import { calendarsBy } from '../../../../domain/schedule/calendars';
import type { ScheduleEvent } from '../../../../domain/schedule/events';
import { pinnedZones } from '../../../../infra/tzdata/pinned';
import {
  auditedLog,
  madeJob,
  ofJob,
  ofSchedule,
  type Placeless,
} from '../../../support/audited-schedules';
import { rulesIn } from '../../../support/audited';
import { propertyRuns } from '../../../support/rounds';
import { asks, calendar, recordedSchedule } from '../../../support/schedule-histories';
import { at, definition, HOUR, MINUTE } from '../../../support/schedules';

const SCHEDULE = '019ab000-0000-7000-8000-00000000000a';
const jobId = (n: number): string =>
  `019ab000-0000-7000-8000-0000000001${String(n).padStart(2, '0')}`;
const iso = (when: string): string => toTimestamp(at(when));
const tzdata = pinnedZones.version;
const calendars = calendarsBy(pinnedZones);

/** An event of the schedule when it was recorded. */
type Timed = readonly [when: string, event: ScheduleEvent];

const created = (when: string, more: Partial<typeof definition> = {}, offsetMs = 0): Timed => [
  when,
  { type: 'ScheduleCreated', data: { ...definition, ...more, offsetMs } },
];
const planned = (when: string, occurrence: string, n: number, by = tzdata): Timed => [
  when,
  {
    type: 'OccurrencePlanned',
    data: {
      occurrenceAt: iso(occurrence),
      dueAt: iso(occurrence),
      jobId: jobId(n),
      tzdata: by,
    },
  },
];
const skipped = (
  when: string,
  [from, to, count]: readonly [string, string, number],
  by = tzdata,
): Timed => [
  when,
  {
    type: 'OccurrencesSkipped',
    data: { from: iso(from), to: iso(to), count, reason: 'missed', tzdata: by },
  },
];
const moved = (when: string, occurrence: string, due: string, n: number): Timed => [
  when,
  {
    type: 'OccurrenceMoved',
    data: { occurrenceAt: iso(occurrence), dueAt: iso(due), jobId: jobId(n) },
  },
];
const cancelled = (when: string, occurrence: string, n?: number): Timed => [
  when,
  {
    type: 'OccurrenceCancelled',
    data: { occurrenceAt: iso(occurrence), ...(n !== undefined && { jobId: jobId(n) }) },
  },
];
const paused = (when: string): Timed => [when, { type: 'SchedulePaused', data: {} }];
const resumed = (when: string): Timed => [when, { type: 'ScheduleResumed', data: {} }];
const deleted = (when: string): Timed => [when, { type: 'ScheduleDeleted', data: {} }];
const completed = (when: string): Timed => [when, { type: 'ScheduleCompleted', data: { tzdata } }];
const changed = (
  when: string,
  withdraws: 'unstarted' | 'ahead',
  more: Partial<typeof definition> = {},
): Timed => [
  when,
  { type: 'ScheduleChanged', data: { ...definition, ...more, offsetMs: 0, withdraws } },
];

/** Every job that an event plans is made with it, unless it was before. */
const logOf = (events: readonly Timed[]): readonly Placeless[] => {
  const made = new Set<string>();
  const job = (when: string, id: string, occurrenceAt?: string): readonly Placeless[] => {
    if (made.has(id)) return [];
    made.add(id);
    return [madeJob(SCHEDULE, id, at(when), occurrenceAt)];
  };
  return events.flatMap(([when, event]) => [
    ofSchedule(SCHEDULE, at(when), event),
    ...(event.type === 'OccurrencePlanned' || event.type === 'OccurrenceMoved'
      ? job(when, event.data.jobId, event.data.occurrenceAt)
      : []),
  ]);
};

const audited = (events: readonly Timed[], now = events.at(-1)?.[0] ?? '10:00') =>
  auditedLog(logOf(events), calendars, at(now));

const lawful: Readonly<Record<string, readonly Timed[]>> = {
  'plans one after another': [
    created('10:05'),
    planned('10:05', '10:10', 1),
    planned('10:09', '10:20', 2),
  ],
  'skips what was missed in one range': [
    created('10:05'),
    skipped('10:42', ['10:10', '10:30', 3]),
    planned('10:42', '10:40', 1),
    planned('10:42', '10:50', 2),
  ],
  'goes around what was cancelled and moved ahead of its time': [
    created('10:05'),
    cancelled('10:06', '10:20'),
    moved('10:06', '10:30', '10:35', 1),
    skipped('11:00', ['10:10', '10:50', 3]),
    planned('11:00', '11:00', 2),
  ],
  'plans again what a pause took back': [
    created('10:05'),
    planned('10:05', '10:10', 1),
    paused('10:06'),
    resumed('10:07'),
    planned('10:07', '10:10', 2),
  ],
  'skips a pause and goes on': [
    created('10:05'),
    paused('10:06'),
    skipped('10:35', ['10:10', '10:30', 3]),
    resumed('10:35'),
    planned('10:35', '10:40', 1),
  ],
  'gives what was moved into a pause and beyond a new job': [
    created('10:05'),
    planned('10:05', '10:10', 1),
    moved('10:06', '10:10', '10:50', 1),
    paused('10:07'),
    skipped('10:35', ['10:20', '10:30', 2]),
    resumed('10:35'),
    moved('10:35', '10:10', '10:50', 2),
    planned('10:35', '10:40', 3),
  ],
  'is paused twice before what was moved could get its new job': [
    created('10:05'),
    planned('10:05', '10:10', 1),
    moved('10:06', '10:10', '10:50', 1),
    paused('10:07'),
    skipped('10:25', ['10:20', '10:20', 1]),
    resumed('10:25'),
    paused('10:26'),
    skipped('10:35', ['10:30', '10:30', 1]),
    resumed('10:35'),
    moved('10:35', '10:10', '10:50', 2),
    planned('10:35', '10:40', 3),
  ],
  'counts by its new rule from the change on': [
    created('10:05'),
    planned('10:05', '10:10', 1),
    changed('10:06', 'unstarted', {
      rule: { timing: { cron: '*/15 * * * *' }, timeZone: 'UTC' },
    }),
    planned('10:06', '10:15', 2),
  ],
  'is planned again when something else of it changes': [
    created('10:05'),
    planned('10:05', '10:10', 1),
    changed('10:06', 'ahead', { name: 'another' }),
    planned('10:06', '10:10', 2),
  ],
  'ends when its rule does': [
    created('10:05', { rule: { ...definition.rule, endAt: iso('10:10') } }),
    planned('10:05', '10:10', 1),
    completed('10:05'),
  ],
  'has few of them and ends': [
    created('10:05', { rule: { ...definition.rule, maxCount: 2 } }),
    planned('10:05', '10:10', 1),
    planned('10:05', '10:20', 2),
    completed('10:05'),
  ],
  'runs later by its offset': [
    created('10:05', { spreadMs: 10 * MINUTE }, 7 * MINUTE),
    skipped('10:06', ['10:00', '10:00', 1]),
    planned('10:06', '10:10', 1),
  ],
};

test.each(Object.entries(lawful))('a schedule that %s breaks no rule', (_what, events) => {
  expect(audited(events).violations).toEqual([]);
});

const rule = (cron: string) => ({ rule: { timing: { cron }, timeZone: 'UTC' } });

const breaches: readonly (readonly [rule: string, why: string, events: readonly Timed[]])[] = [
  [
    'occurrence-order',
    'moved once more when it has had its run',
    [
      created('10:05'),
      moved('10:06', '10:20', '10:07', 1),
      paused('10:08'),
      resumed('10:09'),
      moved('10:09', '10:20', '10:30', 2),
    ],
  ],
  [
    'occurrence-order',
    'the same after a change of something else',
    [
      created('10:05'),
      moved('10:06', '10:20', '10:07', 1),
      changed('10:08', 'ahead', { name: 'b' }),
      moved('10:09', '10:20', '10:30', 2),
    ],
  ],
  [
    'legal-transition',
    'planned while paused',
    [created('10:05'), paused('10:06'), planned('10:06', '10:10', 1)],
  ],
  ['after-the-end', 'paused after its end', [created('10:05'), deleted('10:06'), paused('10:07')]],
  [
    'occurrence-order',
    'planned once more',
    [created('10:05'), planned('10:05', '10:10', 1), planned('10:06', '10:10', 2)],
  ],
  [
    'occurrence-of-rule',
    'planned beside its rule',
    [created('10:05'), planned('10:05', '10:11', 1)],
  ],
  [
    'occurrence-of-rule',
    'a range that begins beside it',
    [created('10:05'), skipped('10:42', ['10:11', '10:40', 3])],
  ],
  [
    'occurrence-of-rule',
    'a range that ends beside it',
    [created('10:05'), skipped('10:42', ['10:10', '10:41', 4])],
  ],
  [
    'occurrence-of-rule',
    'moved from where there is none',
    [created('10:05'), moved('10:06', '10:11', '10:30', 1)],
  ],
  [
    'occurrence-of-rule',
    'cancelled where there is none',
    [created('10:05'), cancelled('10:06', '10:11')],
  ],
  [
    'occurrence-of-rule',
    'planned although it was cancelled',
    [created('10:05'), cancelled('10:06', '10:10'), planned('10:07', '10:10', 1)],
  ],
  [
    'occurrence-order',
    'cancelled twice',
    [created('10:05'), cancelled('10:06', '10:10'), cancelled('10:06', '10:10')],
  ],
  [
    'occurrence-order',
    'moved when it was decided',
    [
      created('10:05'),
      skipped('10:12', ['10:10', '10:10', 1]),
      moved('10:12', '10:10', '10:30', 1),
    ],
  ],
  [
    'occurrence-sum',
    'one left out before a plan',
    [created('10:05'), planned('10:05', '10:20', 1)],
  ],
  [
    'occurrence-sum',
    'one left out before a range',
    [created('10:05'), skipped('10:42', ['10:20', '10:40', 3])],
  ],
  [
    'occurrence-sum',
    'too few in a range',
    [created('10:05'), skipped('10:42', ['10:10', '10:40', 3])],
  ],
  [
    'occurrence-sum',
    'too many in a range',
    [created('10:05'), skipped('10:42', ['10:10', '10:40', 5])],
  ],
  [
    'occurrence-sum',
    'a cancelled one counted as skipped',
    [created('10:05'), cancelled('10:06', '10:20'), skipped('10:42', ['10:10', '10:40', 4])],
  ],
  [
    'occurrence-sum',
    'a pause of which nothing is told',
    [created('10:05'), paused('10:06'), resumed('10:12')],
  ],
  [
    'occurrence-sum',
    'a rule that goes with its missed ones',
    [created('10:05'), changed('10:12', 'unstarted', rule('0 * * * *'))],
  ],
  [
    'occurrence-sum',
    'the same in a pause',
    [created('10:05'), paused('10:06'), changed('10:12', 'unstarted', rule('0 * * * *'))],
  ],
  ['occurrence-sum', 'a delete that forgets what was missed', [created('10:05'), deleted('10:12')]],
  ['occurrence-sum', 'an end before its rule has one', [created('10:05'), completed('10:05')]],
  [
    'occurrence-sum',
    'by the old rule after a change',
    [
      created('10:05'),
      changed('10:06', 'unstarted', rule('*/5 * * * *')),
      planned('10:06', '10:20', 1),
    ],
  ],
];

test.each(breaches)('%s: %s', (name, _why, events) => {
  const { violations } = audited(events);
  expect(rulesIn(violations).slice(0, 1)).toEqual([name]);
  expect(violations[0]?.subject).toBe(SCHEDULE);
  expect(violations[0]?.events.at(-1)?.type).toBe(events.at(-1)?.[1].type);
});

test('what has come and is undecided is told when it is overdue, and not before', () => {
  const events = [created('10:05'), planned('10:05', '10:10', 1)];
  const ended = ofJob(jobId(1), at('10:11'), {
    type: 'JobCancelled',
    data: { dueAt: iso('10:10') },
  });
  const told = (now: string) =>
    rulesIn(auditedLog([...logOf(events), ended], calendars, at(now)).violations);
  expect(told('11:19')).toEqual([]);
  expect(told('11:20')).toEqual(['occurrence-undecided']);
});

test('a schedule whose runs may not overlap waits for the one that goes on, and no longer', () => {
  const events = [
    created('10:05', { whenStillRunning: 'buffer-one' }),
    planned('10:05', '10:10', 1),
  ];
  const ended = ofJob(jobId(1), at('12:00'), {
    type: 'JobCancelled',
    data: { dueAt: iso('10:10') },
  });
  const told = (log: readonly Placeless[], now: string) =>
    rulesIn(auditedLog(log, calendars, at(now)).violations);
  const open = logOf(events);
  expect(told(open, '20:00')).toEqual(['missing-outcome']); // of its job: nobody dispatched it
  expect(told([...open, ended], '12:59')).toEqual([]);
  expect(told([...open, ended], '13:01')).toEqual(['occurrence-undecided']);
});

describe('zone data of another release than this build has', () => {
  test('proves nothing but the order, and is told with its number', () => {
    const { violations, books } = audited([
      created('10:05'),
      planned('10:05', '10:11', 1, '2025b'),
      planned('10:05', '10:20', 2, '2025b'),
    ]);
    expect(violations).toEqual([]);
    expect(books.otherZoneData).toEqual([{ tzdata: '2025b', decisions: 1 }]);
    expect(
      rulesIn(
        audited([
          created('10:05'),
          planned('10:05', '10:20', 1, '2025b'),
          planned('10:05', '10:20', 2, '2025b'),
        ]).violations,
      ),
    ).toEqual(['occurrence-order', 'one-job-per-occurrence']);
  });

  test('an event that names none is held by what decided before it', () => {
    const events = [created('10:05'), skipped('10:12', ['10:10', '10:10', 1], '2025b')];
    expect(audited([...events, deleted('10:25')]).books.otherZoneData).toEqual([
      { tzdata: '2025b', decisions: 1 },
    ]);
    expect(audited([...events, deleted('10:15')]).books.otherZoneData).toEqual([]);
  });
});

describe('what the stream lacks', () => {
  test('of a stream without its beginning nothing is held against a rule: where it stood is not known', () => {
    const [change, plan, job] = logOf([
      changed('10:05', 'ahead'),
      planned('10:05', '10:30', 1),
    ]).map((event, n) => ({ ...event, ...(n < 2 && { revision: BigInt(5 + n) }) }));
    const log = [change, plan, job].filter((event) => event !== undefined);
    const { violations, books } = auditedLog(log, calendars, at('10:15'));
    expect(violations).toEqual([]);
    expect(books.unproved).toBe(0);
  });

  test('a job is not called unplanned where its schedule has an event that cannot be read', () => {
    const broken: Placeless = {
      ...ofSchedule(SCHEDULE, at('10:06'), paused('10:06')[1]),
      type: 'ScheduleTeleported',
    };
    const stray = madeJob(SCHEDULE, jobId(7), at('10:06'), iso('10:10'));
    const log = [...logOf([created('10:05')]), broken, stray];
    const { violations } = auditedLog(log, calendars, at('10:06'));
    expect(rulesIn(violations)).toEqual(['unreadable-event']);
  });

  test('after an event that cannot be read nothing is counted until the rule begins anew', () => {
    const broken: Placeless = {
      ...ofSchedule(SCHEDULE, at('10:06'), deleted('10:06')[1]),
      type: 'ScheduleTeleported',
    };
    const log = logOf([
      created('10:05'),
      planned('10:15', '10:30', 1),
      planned('10:15', '11:00', 3),
      changed('11:00', 'unstarted', rule('*/15 * * * *')),
      planned('11:00', '11:30', 2),
    ]);
    const [first, ...rest] = log;
    const { violations, books } = auditedLog(
      [first ?? broken, broken, ...rest],
      calendars,
      at('11:00'),
    );
    expect(rulesIn(violations)).toEqual(['unreadable-event', 'occurrence-sum']);
    expect(books.unproved).toBe(2);
  });

  test('a revision that is missing is told by itself alone', () => {
    const [first, ...rest] = logOf([created('10:05'), planned('10:15', '10:30', 1)]);
    const gap = rest.map((event) =>
      event.stream.startsWith('schedule-') ? { ...event, revision: 2n } : event,
    );
    expect(
      rulesIn(auditedLog([...(first ? [first] : []), ...gap], calendars, at('10:15')).violations),
    ).toEqual(['revision-gap']);
  });

  test('a rule that this build cannot compute is not proved, and no violation', () => {
    const { violations, books } = audited([
      created('10:05', { rule: { timing: { cron: '*/10 * * * *' }, timeZone: 'Mars/Olympus' } }),
      planned('10:05', '10:11', 1),
    ]);
    expect(violations).toEqual([]);
    expect(books.unproved).toBe(1);
  });
});

describe('jobs and the schedule that they are of', () => {
  const plan = logOf([created('10:05'), planned('10:05', '10:10', 1)]);
  const [creation, planning] = plan;
  const told = (log: readonly (Placeless | undefined)[], now = '10:10') =>
    auditedLog(
      log.filter((event) => event !== undefined),
      calendars,
      at(now),
    ).violations.map(({ rule: name, subject }) => [name, subject]);

  test('planned-job-missing: a plan of which nobody made the job, once it is overdue', () => {
    expect(told([creation, planning], '11:05')).toEqual([]);
    expect(told([creation, planning], '11:06')).toEqual([['planned-job-missing', jobId(1)]]);
  });

  test('unplanned-job: one that names a schedule which has not planned it, another occurrence, or none', () => {
    const stray = madeJob(SCHEDULE, jobId(7), at('10:06'), iso('10:10'));
    expect(told([...plan, stray])).toEqual([['unplanned-job', jobId(7)]]);
    expect(
      told([creation, planning, madeJob(SCHEDULE, jobId(1), at('10:06'), iso('10:20'))]),
    ).toEqual([['unplanned-job', jobId(1)]]);
    const { scheduleId: _id, ...data } = madeJob(SCHEDULE, jobId(1), at('10:06')).data as {
      scheduleId: string;
    };
    expect(
      told([creation, planning, { ...madeJob(SCHEDULE, jobId(1), at('10:06')), data }]),
    ).toEqual([['unplanned-job', jobId(1)]]);
  });

  test('unplanned-job is not told in a window: the plan may lie before it', () => {
    const stray = madeJob(SCHEDULE, jobId(7), at('10:06'), iso('10:10'));
    expect(auditedLog([stray], calendars, at('10:10'), { knowsAll: false }).violations).toEqual([]);
  });

  test('one-job-per-occurrence: a second job while the first one waits', () => {
    const again = ofSchedule(SCHEDULE, at('10:06'), moved('10:06', '10:10', '10:30', 2)[1]);
    expect(
      told([...plan, again, madeJob(SCHEDULE, jobId(2), at('10:06'), iso('10:10'))]).map(
        ([name]) => name,
      ),
    ).toEqual(['occurrence-order', 'one-job-per-occurrence']);
  });

  test('one-job-per-occurrence: a job for two occurrences, whether it waits or has ended', () => {
    const again = ofSchedule(SCHEDULE, at('10:12'), planned('10:12', '10:20', 1)[1]);
    expect(told([...plan, again], '10:12')).toEqual([['one-job-per-occurrence', jobId(1)]]);
    const end = ofJob(jobId(1), at('10:11'), {
      type: 'JobCancelled',
      data: { dueAt: iso('10:10') },
    });
    expect(told([...plan, end, again], '10:12')).toEqual([['one-job-per-occurrence', jobId(1)]]);
  });

  test('a backfill makes a second job lawful, and a trigger one of no occurrence', () => {
    const backfill = ofSchedule(SCHEDULE, at('10:15'), {
      type: 'OccurrencesBackfilled',
      data: {
        from: iso('10:10'),
        to: iso('10:10'),
        dueAt: iso('10:15'),
        tzdata,
        occurrences: [{ occurrenceAt: iso('10:10'), jobId: jobId(2) }],
      },
    });
    const trigger = ofSchedule(SCHEDULE, at('10:15'), {
      type: 'ScheduleTriggered',
      data: { dueAt: iso('10:15'), jobId: jobId(3) },
    });
    expect(
      told(
        [
          ...plan,
          backfill,
          trigger,
          madeJob(SCHEDULE, jobId(2), at('10:15'), iso('10:10')),
          madeJob(SCHEDULE, jobId(3), at('10:15')),
        ],
        '10:15',
      ),
    ).toEqual([]);
  });

  const dispatched = ofJob(jobId(1), at('10:10'), {
    type: 'JobDispatched',
    data: { attempt: 1, dueAt: iso('10:10') },
  });
  const started = (when: string) =>
    ofJob(jobId(1), at(when), { type: 'JobStarted', data: { attempt: 1, executorId: 'x' } });
  const pausing = ofSchedule(SCHEDULE, at('10:11'), paused('10:11')[1]);

  test('started-after-withdrawal: longer after than what was on its way can take', () => {
    expect(told([...plan, dispatched, pausing, started('11:11')], '11:11')).toEqual([]);
    expect(told([...plan, dispatched, pausing, started('11:12')], '11:12')).toEqual([
      ['started-after-withdrawal', jobId(1)],
    ]);
    expect(told([...plan, dispatched, started('10:11'), pausing], '10:12')).toEqual([]);
  });

  test('withdrawn-job-left: it waits although it was taken back', () => {
    const left = (event: Timed, now: string) =>
      told([...plan, ofSchedule(SCHEDULE, at('10:06'), event[1])], now).filter(
        ([name]) => name === 'withdrawn-job-left',
      );
    for (const event of [
      paused('10:06'),
      deleted('10:06'),
      changed('10:06', 'ahead'),
      cancelled('10:06', '10:10', 1),
    ]) {
      expect(left(event, '11:06')).toEqual([]);
      expect(left(event, '11:07')).toEqual([['withdrawn-job-left', jobId(1)]]);
    }
  });

  test('a job that was moved is taken back by when it is due now', () => {
    const log = [
      ...[moved('10:06', '10:10', '10:50', 1), changed('10:15', 'ahead', { name: 'b' })].map(
        ([when, event]) => ofSchedule(SCHEDULE, at(when), event),
      ),
    ];
    expect(told([...plan, ...log], '20:00').map(([name]) => name)).toContain('withdrawn-job-left');
  });

  test('a job that starts while its move is on its way to the log is no missing job', () => {
    const late = ofSchedule(SCHEDULE, at('10:10'), moved('10:10', '10:10', '10:10', 1)[1]);
    const names = told([...plan, dispatched, started('10:10'), late], '20:00').map(
      ([name]) => name,
    );
    expect(names).not.toContain('planned-job-missing');
    expect(names).not.toContain('occurrence-order');
  });

  test('a change of something else takes back what is ahead only', () => {
    const change = ofSchedule(SCHEDULE, at('10:11'), changed('10:11', 'ahead', { name: 'b' })[1]);
    expect(told([...plan, change], '20:00').map(([name]) => name)).not.toContain(
      'withdrawn-job-left',
    );
  });

  test('what was triggered outlives a pause, and not a delete', () => {
    const trigger = [
      ofSchedule(SCHEDULE, at('10:06'), {
        type: 'ScheduleTriggered',
        data: { dueAt: iso('10:06'), jobId: jobId(3) },
      } as const),
      madeJob(SCHEDULE, jobId(3), at('10:06')),
    ];
    const left = (event: Timed) =>
      told([creation, ...trigger, ofSchedule(SCHEDULE, at('10:07'), event[1])], '20:00').filter(
        ([name]) => name === 'withdrawn-job-left',
      );
    expect(left(paused('10:07'))).toEqual([]);
    expect(left(deleted('10:07'))).toEqual([['withdrawn-job-left', jobId(3)]]);
  });
});

test('what lies before the window is believed, and what comes after it is held against that', () => {
  const events = logOf([
    created('10:05'),
    planned('10:05', '10:20', 1),
    planned('10:06', '10:40', 2),
  ]);
  const told = (seeds: number) =>
    rulesIn(auditedLog(events, calendars, at('10:06'), { seeds }).violations);
  expect(told(0)).toEqual(['occurrence-sum', 'occurrence-sum']);
  expect(told(3)).toEqual(['occurrence-sum']);
});

test('a rule of every second that was paused for a year is counted in a blink', () => {
  const year = skipped('2027-12-07T10:05:00', [
    '10:05:01',
    '2027-12-07T10:05:00',
    365 * 24 * 3_600,
  ]);
  const events = [
    created('10:05', rule('* * * * * *')),
    paused('10:05'),
    year,
    resumed('2027-12-07T10:05:00'),
  ];
  const startMs = performance.now();
  expect(audited(events).violations).toEqual([]);
  expect(performance.now() - startMs).toBeLessThan(1_000);
});

/** The jobs of all that is recorded, made and taken back as they have to be. */
const withJobs = ({ id, events }: ReturnType<typeof recordedSchedule>): readonly Placeless[] => {
  type Waiting = { readonly dueAt: number; readonly isOfRule: boolean };
  const waiting = new Map<string, Waiting>();
  const atOf = ({ metadata }: Placeless): number => fromTimestamp((metadata as { at: string }).at);
  const isMade = new Set<string>();
  return events.flatMap((stored): readonly Placeless[] => {
    const { revision: _revision, ...event } = stored;
    const { type, data } = event as unknown as ScheduleEvent;
    const now = atOf(event);
    const made: Placeless[] = [];
    const make = (job: string, occurrenceAt: string | undefined, of: Waiting): void => {
      if (!isMade.has(job)) made.push(madeJob(id, job, now, occurrenceAt));
      isMade.add(job);
      waiting.set(job, of);
    };
    const take = (isTaken: (of: Waiting) => boolean): void => {
      for (const [job, of] of waiting)
        if (isTaken(of)) {
          made.push(ofJob(job, now, { type: 'JobCancelled', data: { dueAt: toTimestamp(now) } }));
          waiting.delete(job);
        }
    };
    if (type === 'OccurrencePlanned' || type === 'OccurrenceMoved')
      make(data.jobId, data.occurrenceAt, { dueAt: fromTimestamp(data.dueAt), isOfRule: true });
    if (type === 'ScheduleTriggered') make(data.jobId, undefined, { dueAt: now, isOfRule: false });
    if (type === 'OccurrencesBackfilled')
      for (const one of data.occurrences)
        make(one.jobId, one.occurrenceAt, { dueAt: now, isOfRule: false });
    if (type === 'SchedulePaused') take((of) => of.isOfRule);
    if (type === 'ScheduleChanged')
      take((of) => of.isOfRule && (data.withdraws === 'unstarted' || of.dueAt > now));
    if (type === 'ScheduleDeleted') take(() => true);
    if (type === 'OccurrenceCancelled' && data.jobId !== undefined) {
      const { jobId: job } = data;
      take((of) => of === waiting.get(job));
    }
    return [event, ...made];
  });
};

test('whatever users and the planner do in whatever order, the audit finds nothing wrong', () => {
  fc.assert(
    fc.property(fc.array(asks, { minLength: 1, maxLength: 2 }), (all) => {
      const schedules = all.map((given) => recordedSchedule(given));
      const log = schedules.flatMap((of) => withJobs(of));
      const { violations } = auditedLog(
        log,
        { of: () => ({ calendar }) },
        Math.max(...schedules.map((of) => of.at)),
        { overdueAfterMs: 100 * HOUR },
      );
      expect(violations.filter(({ rule: name }) => name !== 'stated-due-time')).toEqual([]);
    }),
    { numRuns: propertyRuns(300) },
  );
});
