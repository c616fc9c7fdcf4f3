import { Type, type Static } from '@sinclair/typebox';
import { MAX_ERROR_CODE_LENGTH } from '../../domain/job/limits';
import { MAX_JSON_LEVELS } from '../../domain/json/strict-json';
import { Attempt, GatewayId, JobId, MAX_BATCH, RetryAfterMs } from './fields';

/** Longest JSON text of a result. */
export const MAX_RESULT_BYTES = 64 * 1_024;

const JobError = Type.Object({
  code: Type.String({
    minLength: 1,
    maxLength: MAX_ERROR_CODE_LENGTH,
    description: 'For programs.',
  }),
  message: Type.String({ maxLength: 2_000, description: 'For people.' }),
});

const Outcome = Type.Union([
  Type.Object({
    status: Type.Literal('succeeded'),
    result: Type.Optional(
      Type.Unknown({
        description: `Any JSON of up to ${MAX_RESULT_BYTES} bytes and ${MAX_JSON_LEVELS} levels.`,
      }),
    ),
  }),
  Type.Object({
    status: Type.Literal('failed'),
    error: JobError,
    retryable: Type.Optional(
      Type.Boolean({ description: 'False ends the job immediately; by default true.' }),
    ),
  }),
  Type.Object({ status: Type.Literal('aborted') }),
]);

export const ReportRequest = Type.Object(
  {
    jobId: JobId,
    attempt: Attempt,
    token: Type.String({ minLength: 1, maxLength: 500, description: 'From the granted claim.' }),
    outcome: Outcome,
  },
  { description: 'How an attempt ended.' },
);
export type ReportRequest = Static<typeof ReportRequest>;

/** Why a report was refused. */
export const reportRefusals = {
  'attempt-superseded':
    'the attempt is over: it timed out, its executor was given up, or another outcome was reported',
  'job-not-found': 'there is no such job',
  unavailable: 'the log cannot be reached; report again after retryAfterMs',
  'invalid-request':
    'the request has another shape than this page gives; without its result it may be accepted',
} as const;

export const ReportAnswer = Type.Union([
  Type.Object({ accepted: Type.Literal(true), gateway: Type.Optional(GatewayId) }),
  Type.Object({
    accepted: Type.Literal(false),
    code: Type.String({ description: 'One of the codes below.' }),
    retryAfterMs: Type.Optional(RetryAfterMs),
    detail: Type.Optional(Type.String({ description: 'With `invalid-request`: what is wrong.' })),
    gateway: Type.Optional(GatewayId),
  }),
]);
export type ReportAnswer = Static<typeof ReportAnswer>;

export const ReportBatch = Type.Object(
  { reports: Type.Array(ReportRequest, { minItems: 1, maxItems: MAX_BATCH }) },
  { description: 'Several reports in one request.' },
);

export const ReportAnswers = Type.Object(
  { answers: Type.Array(ReportAnswer), gateway: Type.Optional(GatewayId) },
  { description: 'One answer for each report, in order.' },
);
