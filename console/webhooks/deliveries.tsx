import { useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { useSearchParams } from 'react-router';
import { useKeys } from '../frame/keys';
import { Link } from '../frame/link';
import { Notice } from '../frame/notice';
import { ShowMore } from '../frame/show-more';
import type { Webhook } from '../http/answers';
import { DeliveryRow } from './delivery';
import { listKey, useDeliveries } from './use-deliveries';

const STATUSES = [
  ['All', undefined],
  ['Waiting', 'waiting'],
  ['Delivered', 'delivered'],
  ['Given up', 'failed'],
] as const;

/** Of a page, as the API gives them. */
const PAGE = 50;

/** Moves the focus from line to line. */
const useLineFocus = () => {
  const list = useRef<HTMLUListElement>(null);
  const go = (by: number): void => {
    const lines = [...(list.current?.querySelectorAll<HTMLElement>('summary.delivery') ?? [])];
    const at = lines.findIndex((line) => line.closest('li')?.contains(document.activeElement));
    lines[at < 0 ? 0 : Math.max(0, at + by)]?.focus();
  };
  useKeys({ j: () => go(1), k: () => go(-1) });
  return list;
};

const Nothing = ({ isFiltered }: { readonly isFiltered: boolean }) => (
  <p className="soft">
    {isFiltered
      ? 'None of the last week fits.'
      : 'Nothing was sent yet. It is told of changes from its registration on; send a test to see whether it answers.'}
  </p>
);

/** What was sent in the last week, the newest first. */
export const Deliveries = ({ webhook }: { readonly webhook: Webhook }) => {
  const { webhookId } = webhook;
  const client = useQueryClient();
  const [search] = useSearchParams();
  const [status, jobId] = [search.get('status') ?? undefined, search.get('jobId') ?? undefined];
  const { list, items, fresh } = useDeliveries(webhookId, { status, jobId });
  const lines = useLineFocus();
  const withStatus = (value: string | undefined): string => {
    const after = new URLSearchParams(search);
    if (value === undefined) after.delete('status');
    else after.set('status', value);
    return after.toString();
  };
  return (
    <section className="panel">
      <h2>Deliveries</h2>
      <nav className="chips" aria-label="Deliveries by status">
        {STATUSES.map(([name, value]) => (
          <Link
            key={name}
            className="chip"
            to={{ search: withStatus(value) }}
            aria-current={status === value ? 'true' : undefined}
          >
            {name}
          </Link>
        ))}
        {jobId !== undefined && (
          <Link className="chip" to={{ search: '' }}>
            Of one job: show all
          </Link>
        )}
        <button
          type="button"
          className="chip"
          disabled={fresh === 0}
          onClick={() => void client.resetQueries({ queryKey: listKey(webhookId) })}
        >
          {fresh >= PAGE ? `${PAGE} and more` : fresh} new
        </button>
      </nav>
      {list.error && <Notice error={list.error} onRetry={() => void list.refetch()} />}
      {list.data && items.length === 0 && (
        <Nothing isFiltered={status !== undefined || jobId !== undefined} />
      )}
      <ul className="deliveries" ref={lines} aria-busy={list.isPending}>
        {items.map((delivery) => (
          <DeliveryRow
            key={delivery.deliveryId}
            delivery={delivery}
            isOff={webhook.status !== 'active'}
          />
        ))}
      </ul>
      <ShowMore query={list} name="Earlier ones" />
    </section>
  );
};
