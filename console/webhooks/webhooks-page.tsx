import { useLocation } from 'react-router';
import { Link } from '../frame/link';
import { Notice } from '../frame/notice';
import { useRowKeys } from '../frame/row-keys';
import { ShowMore } from '../frame/show-more';
import type { ListedWebhook } from '../http/answers';
import { apiUrl } from '../http/client';
import { sessionStore } from '../http/session';
import { sameMoment, useAsOf } from '../past/as-of';
import { PastWebhooks } from '../past/past-webhooks';
import { Table } from '../system/table';
import { count } from '../time/format';
import { Moment } from '../time/moment';
import { eventsText } from './definition';
import { WebhookStanding } from './standing';
import { useWebhooks } from './use-webhooks';

const COLUMNS = ['Who is told', 'When', 'Status', 'Waiting', 'Since'] as const;

const curl = (): string =>
  `curl ${apiUrl('v1/webhooks')} -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \\
  -d '{"url": "https://example.com/hooks", "eventTypes": ["job.succeeded", "job.failed"]}'`;

const Empty = () => (
  <div className="empty">
    <h2>No webhook yet</h2>
    <p>
      A program of yours can be told when a job succeeds, fails or changes otherwise:{' '}
      <Link to="/webhooks/new">register where</Link>, or from a shell:
    </p>
    <pre>{curl()}</pre>
  </div>
);

const rowId = ({ webhookId }: ListedWebhook): string => `webhook-${webhookId}`;

type RowProps = { readonly webhook: ListedWebhook; readonly isOwnerShown: boolean };

const Row = ({ webhook, isOwnerShown }: RowProps) => {
  const { search } = useLocation();
  return (
    <tr>
      <th scope="row">
        <Link
          id={rowId(webhook)}
          to={`/webhooks/${webhook.webhookId}${sameMoment(search)}`}
          dir="auto"
          className="long"
        >
          {webhook.url}
        </Link>
        {webhook.description !== undefined && (
          <span className="under" dir="auto">
            {webhook.description}
          </span>
        )}
        {isOwnerShown && <span className="under">of {webhook.ownerId}</span>}
      </th>
      <td>{eventsText(webhook)}</td>
      <td>
        <WebhookStanding webhook={webhook} />
      </td>
      <td>{webhook.waiting === undefined ? '–' : count(webhook.waiting)}</td>
      <td>
        <Moment at={webhook.createdAt} />
      </td>
    </tr>
  );
};

const Rows = ({ items }: { readonly items: readonly ListedWebhook[] }) => {
  const isOwnerShown = sessionStore.current()?.role === 'operator';
  return (
    <Table name="Webhooks" columns={COLUMNS}>
      {items.map((webhook) => (
        <Row key={webhook.webhookId} webhook={webhook} isOwnerShown={isOwnerShown} />
      ))}
    </Table>
  );
};

const WebhooksNow = () => {
  const query = useWebhooks();
  const { data, error, refetch } = query;
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  useRowKeys(items.map(rowId));
  return (
    <>
      <title>Webhooks · Punctual</title>
      <div className="head">
        <h1>Webhooks</h1>
        <Link to="/webhooks/new" className="button">
          Register one <kbd aria-hidden>c</kbd>
        </Link>
      </div>
      {error && <Notice error={error} onRetry={() => void refetch()} />}
      {data && items.length === 0 && <Empty />}
      {items.length > 0 && (
        <section className="panel webhooks">
          <Rows items={items} />
          <ShowMore query={query} name="Earlier ones" />
        </section>
      )}
    </>
  );
};

/** Which programs are told of what, or were. */
export const WebhooksPage = () => {
  const { asOf } = useAsOf();
  if (asOf === undefined) return <WebhooksNow />;
  return (
    <PastWebhooks asOf={asOf} rowId={rowId}>
      {(items) => (
        <section className="panel webhooks">
          <Rows items={items} />
        </section>
      )}
    </PastWebhooks>
  );
};
