import { pastWebhookList, type PastWebhookListRequest } from '../../commands/webhooks/past-list';
import { webhookAsOf } from '../../commands/webhooks/webhook-as-of';
import { quoted, word } from '../../domain/audit/phrases';
import { webhookViewOf, type WebhookView } from '../../domain/webhook/view';
import { webhookList } from '../../projections/queries/webhooks/list';
import { reportTo } from '../report';
import type { Servers } from '../servers';
import { aligned } from '../table';
import type { Context } from '../verb';
import { withReadModel } from './read-model';
import type { Tell } from './telling';
import { fieldsText } from './texts';

export const tellWebhook: Tell = async (log, { id, actor, asOf, report }) => {
  const known = await webhookAsOf(log, id, actor, asOf);
  if (!known) return false;
  const webhook = webhookViewOf(id, known);
  report.tell('webhook', webhook, fieldsText(webhook));
  return true;
};

const HEADINGS = ['WEBHOOK', 'STATUS', 'SINCE', 'OWNER', 'EVENTS', 'URL'];

const cells = (one: WebhookView): readonly string[] => [
  ...[one.webhookId, one.status, one.createdAt, word(one.ownerId)],
  ...[one.eventTypes.join(','), quoted(one.url)],
];

/** Tells the list of webhooks as it stood then. */
export const listPastWebhooks = async (
  servers: Servers,
  asked: Omit<PastWebhookListRequest, 'signal'>,
  context: Context,
  isJson: boolean,
): Promise<void> => {
  const report = reportTo(context, isJson);
  await withReadModel(servers, async ({ log, db }) => {
    const list = pastWebhookList({
      made: webhookList(db).made,
      asOf: (...one) => webhookAsOf(log, ...one),
    });
    const { items } = await list({ ...asked, signal: context.signal });
    if (isJson) for (const one of items) report.tell('webhook', one, '');
    else report.tell('webhooks', {}, aligned([HEADINGS, ...items.map(cells)], 6).join('\n'));
  });
};
