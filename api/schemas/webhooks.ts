import { Type } from '@sinclair/typebox';
import { deliveryStatuses } from '../../domain/webhook/delivery';
import { webhookEventTypes } from '../../domain/webhook/event-types';
import { webhookStatuses } from '../../domain/webhook/state';
import { LIMITS } from '../access/limits';
import { visibleText } from './job-requests';
import { oneOf, optionalInteger, position, strict, timestamp } from './parts';

const { webhooks } = LIMITS;

const eventType = oneOf(webhookEventTypes);

export const webhookBody = Type.Object(
  {
    url: Type.String({
      format: 'location',
      maxLength: LIMITS.locationLength,
      description: 'Where changes are posted, `https` or `http`.',
    }),
    eventTypes: Type.Array(eventType, {
      minItems: 1,
      maxItems: webhookEventTypes.length,
      description: 'What it is told of: a job of its owner comes to this status.',
    }),
    description: Type.Optional(visibleText(LIMITS.reasonLength, 'For people.')),
    queues: Type.Optional(
      Type.Array(Type.String({ format: 'queue-name' }), {
        minItems: 1,
        maxItems: webhooks.filters,
        description: 'Only jobs of one of these queues.',
      }),
    ),
    tags: Type.Optional(
      Type.Array(visibleText(LIMITS.tagLength, 'A tag.'), {
        minItems: 1,
        maxItems: webhooks.filters,
        description: 'Only jobs with one of these tags.',
      }),
    ),
  },
  { ...strict, title: 'Webhook' },
);

export const rotateBody = Type.Object(
  {
    previousValidMs: optionalInteger(0, webhooks.previousValidMs, {
      default: webhooks.previousValidPresetMs,
      description: 'How long deliveries are signed with the secret of before as well.',
    }),
  },
  strict,
);

export const nothingBody = Type.Object({}, strict);

export const webhookSchema = Type.Object(
  {
    webhookId: Type.String({ format: 'uuid' }),
    ownerId: Type.String(),
    url: Type.String(),
    eventTypes: Type.Array(eventType),
    description: Type.Optional(Type.String()),
    queues: Type.Optional(Type.Array(Type.String())),
    tags: Type.Optional(Type.Array(Type.String())),
    status: oneOf(webhookStatuses),
    disabledBecause: Type.Optional(
      oneOf(['gone', 'failing', 'backlog'], {
        description:
          'Why it is off: the target answered 410, nothing succeeded for a day, or too many deliveries waited.',
      }),
    ),
    revision: Type.Integer(),
    createdAt: timestamp,
    previousSecretUntil: Type.Optional(timestamp),
    waiting: Type.Optional(Type.Integer({ description: 'Deliveries that wait.' })),
    failingSince: Type.Optional(Type.Union([timestamp, Type.Null()])),
    secret: Type.Optional(
      Type.String({ description: 'Only in the answer to the request that made it: keep it.' }),
    ),
    position: Type.Optional(position),
  },
  { title: 'Webhook' },
);

export const webhookListSchema = Type.Object({
  items: Type.Array(webhookSchema),
  nextCursor: Type.Optional(Type.String()),
});

const orNull = <T extends string>(type: T, description: string) =>
  Type.Unsafe<string | null>({ type: [type, 'null'], description });

export const deliverySchema = Type.Object(
  {
    deliveryId: Type.String({
      format: 'uuid',
      description: 'Also the header `webhook-id`, however often it is sent.',
    }),
    webhookId: Type.String({ format: 'uuid' }),
    eventType: Type.String(),
    jobId: orNull('string', 'Absent (null) of a test.'),
    status: oneOf(deliveryStatuses),
    attempts: Type.Integer(),
    createdAt: timestamp,
    attemptedAt: orNull('string', 'When it was sent last.'),
    nextAt: orNull(
      'string',
      'When it is sent next; null also while it waits for another of its job.',
    ),
    body: Type.String({ description: 'What is sent.' }),
    answerStatus: Type.Unsafe<number | null>({ type: ['integer', 'null'] }),
    answerBody: orNull('string', 'The beginning of the answer.'),
    error: orNull('string', 'Why the last attempt failed.'),
  },
  { title: 'Delivery' },
);

export const deliveryListSchema = Type.Object({
  items: Type.Array(deliverySchema),
  nextCursor: Type.Optional(Type.String()),
});

export const testAnswerSchema = Type.Object({
  deliveryId: Type.String({ format: 'uuid' }),
  status: oneOf(['delivered', 'failed']),
  answerStatus: Type.Optional(Type.Integer()),
  answerBody: Type.Optional(Type.String()),
  error: Type.Optional(Type.String()),
});
