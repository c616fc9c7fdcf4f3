import type { CommandContext } from '../../../commands/answers';
import type { WebhookAnswer } from '../../../commands/webhooks/webhook-answers';
import { LIMITS } from '../../access/limits';
import { RETRY_AFTER } from '../../http/failures';
import { webhookIdOf } from '../../http/parameters';
import { commandContext } from '../../http/preconditions';
import type { BodyRule, Route } from '../../http/route';
import { validator } from '../../schemas/validation';
import { nothingBody, rotateBody, testAnswerSchema } from '../../schemas/webhooks';
import { answered, idempotencyKeyHeader, ifMatchHeader, JOB_ROLES } from '../described';
import { commandedWebhook, loadedWebhook, webhookAnswer, webhookPath } from './answers';
import type { WebhooksDeps } from './deps';

const optionalBody = (schema: BodyRule['schema']): BodyRule => ({
  schema,
  maxBytes: LIMITS.bodyBytes,
  shape: { freeKeys: { payloadLevel: 0 }, maxLevels: LIMITS.nestingLevels },
  isOptional: true,
});

type CommandParts = Pick<Route, 'method' | 'path' | 'operationId' | 'summary'> & {
  readonly answer: string;
  readonly body?: BodyRule;
  readonly check: ReturnType<typeof validator>;
  readonly send: (
    webhookId: string,
    context: CommandContext,
    body: unknown,
  ) => Promise<WebhookAnswer>;
};

const checkNothing = validator(nothingBody);
const checkRotate = validator(rotateBody);

const commandRoute = (deps: WebhooksDeps, parts: CommandParts): Route => {
  const { answer, body, check, send, ...route } = parts;
  return {
    ...route,
    roles: JOB_ROLES,
    requestHeaders: [idempotencyKeyHeader, ifMatchHeader],
    ...(body && { body }),
    answers: [commandedWebhook(200, answer)],
    late: 'outcome-unknown',
    handle: async (call) => {
      const id = webhookIdOf(call);
      if ('refusal' in id) return id.refusal;
      const asked = check(body ? call.body : {});
      if ('refusal' in asked) return asked.refusal;
      const suffix = route.path.slice('/v1/webhooks/{webhookId}'.length);
      const context = commandContext(call, `${webhookPath(id.value)}${suffix}`, { isNew: false });
      if ('refusal' in context) return context.refusal;
      return webhookAnswer(
        deps,
        await call.inTime(() => send(id.value, context.value, asked.value)),
      );
    },
  };
};

const testRoute = (deps: WebhooksDeps): Route => ({
  method: 'POST',
  path: '/v1/webhooks/{webhookId}/test',
  operationId: 'testWebhook',
  summary: 'Send a test to a webhook and see what it answers',
  roles: JOB_ROLES,
  body: optionalBody(nothingBody),
  answers: answered(
    'What became of an event `webhook.test` that was sent now, once, also to one that is off.',
    testAnswerSchema,
  ),
  late: 'outcome-unknown',
  handle: async (call) => {
    const id = webhookIdOf(call);
    if ('refusal' in id) return id.refusal;
    const asked = checkNothing(call.body);
    if ('refusal' in asked) return asked.refusal;
    const webhook = await loadedWebhook(deps, call, id.value);
    if ('code' in webhook) return webhook;
    const testing = deps.test(id.value, webhook);
    if (!testing) return { code: 'too-many-tests', headers: RETRY_AFTER };
    const { error, ...answer } = await call.inTime(() => testing);
    const status = error === undefined ? 'delivered' : 'failed';
    return { status: 200, body: { ...answer, status, ...(error !== undefined && { error }) } };
  },
});

export const webhookCommandRoutes = (deps: WebhooksDeps): readonly Route[] => {
  const { commands, clock, wake } = deps;
  const path = '/v1/webhooks/{webhookId}';
  return [
    commandRoute(deps, {
      ...{ method: 'DELETE', path, operationId: 'deleteWebhook', summary: 'Delete a webhook' },
      answer: 'Nothing is sent any more, what waits neither.',
      check: checkNothing,
      send: commands.remove,
    }),
    commandRoute(deps, {
      ...{ method: 'POST', path: `${path}/rotate`, operationId: 'rotateWebhookSecret' },
      summary: 'Give a webhook a new secret',
      answer:
        '`secret` is shown only here. Deliveries are signed with the one before as well for a while.',
      body: optionalBody(rotateBody),
      check: checkRotate,
      send: (webhookId, context, asked) => {
        const { previousValidMs = LIMITS.webhooks.previousValidPresetMs } = asked as {
          readonly previousValidMs?: number;
        }; // it has been checked
        return commands.rotate(webhookId, previousValidMs, context);
      },
    }),
    commandRoute(deps, {
      ...{ method: 'POST', path: `${path}/resume`, operationId: 'resumeWebhook' },
      summary: 'Turn a webhook on again',
      answer: 'What waited is sent again at once; what happened while it was off is not told.',
      body: optionalBody(nothingBody),
      check: checkNothing,
      send: async (webhookId, context) => {
        const answer = await commands.resume(webhookId, context);
        // the command is recorded by now: without this look what waits goes with the next change
        if (answer.outcome === 'accepted')
          await wake(webhookId, clock.now()).catch(() => undefined);
        return answer;
      },
    }),
    testRoute(deps),
  ];
};
