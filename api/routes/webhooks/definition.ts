import type { CommandContext } from '../../../commands/answers';
import type { WebhookAnswer } from '../../../commands/webhooks/webhook-answers';
import type { AskedWebhook } from '../../../commands/webhooks/webhook-commands';
import { LIMITS, type LocationRules } from '../../access/limits';
import { webhookIdOf } from '../../http/parameters';
import { commandContext } from '../../http/preconditions';
import { bodyRefusal, refuse, type Parsed } from '../../http/problem';
import type { BodyRule, Call, Route } from '../../http/route';
import { isPrivateTarget, schemeOf } from '../../schemas/location';
import { validator } from '../../schemas/validation';
import { webhookBody } from '../../schemas/webhooks';
import { idempotencyKeyHeader, ifMatchHeader, JOB_ROLES } from '../described';
import { commandedWebhook, webhookAnswer, webhookPath } from './answers';
import type { WebhooksDeps } from './deps';

const body: BodyRule = {
  schema: webhookBody,
  maxBytes: LIMITS.bodyBytes,
  shape: { freeKeys: { payloadLevel: 0 }, maxLevels: LIMITS.nestingLevels },
};

const check = validator(webhookBody);

/** Each once, in one order: an equal definition is recognised. */
const sorted = <T extends string>(values: readonly T[]): readonly T[] =>
  [...new Set(values)].sort();

/** The same rules for targets as those of jobs have. */
const readDefinition = (
  { allowPrivateTargets }: LocationRules,
  asked: unknown,
): Parsed<AskedWebhook> => {
  const read = check(asked);
  if ('refusal' in read) return read;
  const { url, eventTypes, description, queues, tags } = read.value;
  const scheme = schemeOf(url);
  if (scheme !== 'https' && scheme !== 'http')
    return { refusal: bodyRefusal([{ pointer: '/url', code: 'bad-location' }]) };
  if (!allowPrivateTargets && isPrivateTarget(url))
    return { refusal: bodyRefusal([{ pointer: '/url', code: 'forbidden-target' }]) };
  return {
    value: {
      url,
      eventTypes: sorted(eventTypes),
      ...(description !== undefined && { description }),
      ...(queues && { queues: sorted(queues) }),
      ...(tags && { tags: sorted(tags.map((tag) => tag.normalize('NFC'))) }),
    },
  };
};

export const createRoute = (deps: WebhooksDeps): Route => {
  const { commands, quota, rules } = deps;

  const create = async (
    call: Call,
    definition: AskedWebhook,
    context: CommandContext,
  ): Promise<WebhookAnswer | undefined> =>
    quota && !(await quota.take(call.principal.id))
      ? undefined
      : await call.inTime(() => commands.create(definition, context));

  return {
    method: 'POST',
    path: '/v1/webhooks',
    operationId: 'createWebhook',
    summary: 'Be told of status changes of your jobs',
    roles: JOB_ROLES,
    requestHeaders: [idempotencyKeyHeader],
    body,
    answers: [
      commandedWebhook(201, 'It is told of all changes from now on. `secret` is shown only here.'),
    ],
    late: 'outcome-unknown',
    handle: async (call) => {
      const context = commandContext(call, call.path, { isNew: true });
      if ('refusal' in context) return context.refusal;
      const definition = readDefinition(rules, call.body);
      if ('refusal' in definition) return definition.refusal;
      const answer = await create(call, definition.value, context.value);
      return answer ? webhookAnswer(deps, answer, 201) : refuse('webhook-quota-exceeded').refusal;
    },
  };
};

export const changeRoute = (deps: WebhooksDeps): Route => ({
  method: 'PUT',
  path: '/v1/webhooks/{webhookId}',
  operationId: 'changeWebhook',
  summary: 'Replace the definition of a webhook',
  roles: JOB_ROLES,
  requestHeaders: [idempotencyKeyHeader, ifMatchHeader],
  body,
  answers: [
    commandedWebhook(
      200,
      'It is told by this definition from now on; what waits goes to its `url`.',
    ),
  ],
  late: 'outcome-unknown',
  handle: async (call) => {
    const id = webhookIdOf(call);
    if ('refusal' in id) return id.refusal;
    const context = commandContext(call, webhookPath(id.value), { isNew: false });
    if ('refusal' in context) return context.refusal;
    const definition = readDefinition(deps.rules, call.body);
    if ('refusal' in definition) return definition.refusal;
    const changed = await call.inTime(() =>
      deps.commands.change(id.value, definition.value, context.value),
    );
    return webhookAnswer(deps, changed);
  },
});
