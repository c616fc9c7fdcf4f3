import { Type } from '@sinclair/typebox';
import { forecastStepMs } from '../../domain/forecast';
import { jobStatuses } from '../../domain/job/state';
import { scheduleStatuses } from '../../domain/schedule/state';
import { historySchema } from './job-answers';
import { recurringBody } from './schedule-requests';
import { storySchema } from './story';
import { oneOf, position, timestamp } from './parts';

const localTime = Type.String({ description: 'What clocks of its time zone show then.' });
const note = Type.Optional(Type.String());

const upcoming = Type.Object({
  occurrenceAt: Type.String({
    format: 'date-time',
    description: 'What the rule says: it names the occurrence, wherever its run is moved.',
  }),
  dueAt: timestamp,
  localTime,
  note: Type.Optional(
    Type.String({ description: 'What a change of clocks or a move has to do with it.' }),
  ),
  jobId: Type.Optional(Type.String({ format: 'uuid', description: 'When it has a job already.' })),
});

const scheduleProperties = {
  scheduleId: Type.String({ format: 'uuid' }),
  ownerId: Type.String(),
  status: oneOf(scheduleStatuses),
  ...recurringBody.properties,
  offsetMs: Type.Integer({ description: 'By how much its runs start later, by `spreadMs`.' }),
  revision: Type.Integer({ minimum: 0, description: 'The ETag, for If-Match.' }),
  createdAt: timestamp,
  ruleSince: Type.String({
    format: 'date-time',
    description: 'Since when its rule is what it is: occurrences are counted from here.',
  }),
  note: Type.Optional(Type.String({ description: 'Why it is paused or stopped.' })),
};

const next = Type.Array(upcoming, { description: 'The next five runs.' });

export const scheduleSchema = Type.Object(
  {
    ...scheduleProperties,
    next,
    position: Type.Optional(position),
    jobIds: Type.Optional(
      Type.Array(Type.String({ format: 'uuid' }), {
        description: 'Of a trigger or a backfill: the jobs that it made.',
      }),
    ),
  },
  { $id: 'Schedule', title: 'Schedule' },
);

export const scheduleListSchema = Type.Object({
  items: Type.Array(
    Type.Object({
      ...scheduleProperties,
      nextDueAt: Type.Unsafe<string | null>({
        type: ['string', 'null'],
        format: 'date-time',
        description: 'When the next run is due that has a job already.',
      }),
    }),
    { description: 'The newest first; without payloads.' },
  ),
  nextCursor: Type.Optional(Type.String({ description: 'There when more schedules follow.' })),
});

export const previewSchema = Type.Object({
  occurrences: Type.Array(Type.Object({ dueAt: timestamp, localTime, note })),
  skipped: Type.Array(Type.Object({ localTime: Type.String(), reason: Type.String() }), {
    description: 'What the rule would have and the schedule has not.',
  }),
  meaning: Type.Array(Type.String(), {
    description: 'How the text was read where people differ about it.',
  }),
  tzdata: Type.String({ description: 'Version of the time zone data.' }),
});

export const displacedSchema = Type.Object({
  tzdata: Type.String({ description: 'Version of the time zone data of this build.' }),
  items: Type.Array(
    Type.Object({
      scheduleId: Type.String({ format: 'uuid' }),
      name: Type.String(),
      ownerId: Type.String(),
      timeZone: Type.String(),
      occurrences: Type.Array(
        Type.Object({
          occurrenceAt: timestamp,
          dueAt: timestamp,
          jobId: Type.String({ format: 'uuid' }),
          movesTo: Type.Optional(
            Type.String({
              format: 'date-time',
              description: 'Absent when that has passed: it stays as it is.',
            }),
          ),
        }),
      ),
    }),
  ),
  nextCursor: Type.Optional(Type.String({ description: 'There when more are to be looked at.' })),
});

export const plannedRunsSchema = Type.Object({
  from: timestamp,
  to: Type.String({ format: 'date-time', description: 'Exclusive.' }),
  step: oneOf(Object.keys(forecastStepMs)),
  buckets: Type.Array(
    Type.Object({
      at: Type.String({ format: 'date-time', description: 'Where the bucket begins.' }),
      runs: Type.Integer({ minimum: 1, description: 'That are no jobs yet.' }),
    }),
    { description: 'Oldest first; a time that is not there has no runs.' },
  ),
  isComplete: Type.Boolean({
    description:
      'False when there are more schedules, or runs of them, than were looked at: of each bucket there are at least so many.',
  }),
});

export const occurrencesSchema = Type.Object({
  items: Type.Array(
    Type.Object({
      occurrenceAt: timestamp,
      dueAt: Type.Optional(timestamp),
      localTime: Type.Optional(localTime),
      status: oneOf(['planned', 'running', 'done', 'skipped']),
      reason: Type.Optional(
        oneOf(
          ['missed', 'still-running', 'paused', 'changed', 'deleted', 'zone-data', 'cancelled'],
          {
            description: 'Why it was skipped.',
          },
        ),
      ),
      origin: oneOf(['rule', 'moved', 'trigger', 'backfill']),
      jobId: Type.Optional(Type.String({ format: 'uuid' })),
      jobStatus: Type.Optional(oneOf(jobStatuses)),
      startedAt: Type.Optional(timestamp),
      finishedAt: Type.Optional(timestamp),
      lastAt: Type.Optional(
        Type.String({
          format: 'date-time',
          description: 'The last one of those that were skipped together.',
        }),
      ),
      count: Type.Optional(
        Type.Integer({ minimum: 1, description: 'How many were skipped together.' }),
      ),
    }),
    { description: 'Oldest first.' },
  ),
  nextCursor: Type.Optional(Type.String({ description: 'There when more follow.' })),
});

const nextCursor = Type.Optional(Type.String({ description: 'There when there are older ones.' }));

export const scheduleEventsSchema = Type.Object({ ...historySchema.properties, nextCursor });

export const scheduleStorySchema = Type.Object({
  scheduleId: Type.String({ format: 'uuid' }),
  status: oneOf(scheduleStatuses),
  steps: storySchema.properties.steps,
  text: storySchema.properties.text,
  nextCursor,
});
