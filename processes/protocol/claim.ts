import { Type, type Static } from '@sinclair/typebox';
import {
  Attempt,
  ExecutorId,
  GatewayId,
  JobId,
  MAX_BATCH,
  MAX_INTEGER,
  RetryAfterMs,
  Revision,
} from './fields';

export const ClaimRequest = Type.Object(
  {
    jobId: JobId,
    attempt: Attempt,
    revision: Revision,
    executorId: ExecutorId,
    ticket: Type.Optional(
      Type.String({ maxLength: 500, description: "The message's ticket, unchanged." }),
    ),
  },
  { description: 'Asks for the right to run one attempt.' },
);
export type ClaimRequest = Static<typeof ClaimRequest>;

/** Why a claim was refused. */
export const claimRefusals = {
  'too-early': 'the job is not due by the clock of the log; ask again after retryAfterMs',
  unavailable: 'the log cannot be reached; ask again after retryAfterMs',
  'invalid-request': 'the request has another shape than this page gives; drop the message',
  'dispatch-superseded': 'the job was rescheduled, retried or sent again; drop the message',
  'job-running': 'another executor has started it; drop the message',
  'job-finished': 'it is over; drop the message',
  'job-cancelled': 'its owner has cancelled it; drop the message',
  'job-expired': 'it is later than it may be; drop the message',
  'job-not-found': 'there is no such job; drop the message',
} as const;

const GrantedClaim = Type.Object({
  granted: Type.Literal(true),
  token: Type.String({ description: 'Opaque; goes back with the report.' }),
  deadlineAt: Type.String({ description: 'When the attempt times out, by the clock of the log.' }),
  leftMs: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: MAX_INTEGER,
      description: 'How long until then, counted by you from before you sent this very claim.',
    }),
  ),
  gateway: Type.Optional(GatewayId),
});

const RefusedClaim = Type.Object({
  granted: Type.Literal(false),
  code: Type.String({ description: 'One of the codes below.' }),
  retryAfterMs: Type.Optional(RetryAfterMs),
  detail: Type.Optional(Type.String({ description: 'With `invalid-request`: what is wrong.' })),
  gateway: Type.Optional(GatewayId),
});

export const ClaimAnswer = Type.Union([GrantedClaim, RefusedClaim]);
export type ClaimAnswer = Static<typeof ClaimAnswer>;

export const ClaimBatch = Type.Object(
  { claims: Type.Array(ClaimRequest, { minItems: 1, maxItems: MAX_BATCH }) },
  { description: 'Several claims in one request.' },
);

export const ClaimAnswers = Type.Object(
  { answers: Type.Array(ClaimAnswer), gateway: Type.Optional(GatewayId) },
  { description: 'One answer for each claim, in order.' },
);
