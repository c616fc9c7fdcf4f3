import { useState } from 'react';
import { useLocation } from 'react-router';
import { Link } from '../frame/link';
import { Notice } from '../frame/notice';
import { useRowKeys } from '../frame/row-keys';
import { ShowMore } from '../frame/show-more';
import type { Operation, OperationItem } from '../http/answers';
import { sameMoment, useAsOf } from '../past/as-of';
import { count } from '../time/format';
import { useItems } from './use-operations';
import { isOpen, refusalText } from './words';

const OUTCOMES = ['changed', 'unchanged', 'refused', 'left', 'waiting'] as const;
type Outcome = OperationItem['outcome'];

const WORDS: Readonly<Record<Outcome, string>> = {
  changed: 'changed',
  unchanged: 'so already',
  refused: 'refused',
  left: 'left alone',
  waiting: 'waiting',
};

const itemId = (item: number): string => `item-${item}`;

const Item = ({ item }: { readonly item: OperationItem }) => {
  const { search } = useLocation();
  return (
    <li>
      <Link id={itemId(item.item)} to={`/jobs/${item.jobId}${sameMoment(search)}`} dir="auto">
        {item.name ?? <code>{item.jobId}</code>}
      </Link>
      <span className={`outcome outcome-${item.outcome}`}>
        {item.outcome === 'refused' ? refusalText(item.code) : WORDS[item.outcome]}
      </span>
    </li>
  );
};

/** What became of each job, by outcome, in the order in which they are gone through. */
export const Items = ({
  operationId,
  operation,
}: {
  readonly operationId: string;
  readonly operation: Operation;
}) => {
  const [outcome, setOutcome] = useState<Outcome>();
  const { asOf } = useAsOf();
  const query = useItems(operationId, { outcome, asOf }, isOpen(operation));
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  useRowKeys(items.map(({ item }) => itemId(item)));
  const chip = (name: string, value: Outcome | undefined, many: number | null) => (
    <button
      key={name}
      type="button"
      className="chip"
      aria-pressed={outcome === value}
      onClick={() => setOutcome(value)}
    >
      {name}
      <b>{many === null ? '' : count(many)}</b>
    </button>
  );
  return (
    <section className="panel" aria-labelledby="its-jobs">
      <h2 id="its-jobs">Its jobs, and what became of each</h2>
      <div className="chips">
        {chip('All', undefined, operation.items)}
        {OUTCOMES.filter((one) => operation.progress[one] > 0 || one === outcome).map((one) =>
          chip(
            WORDS[one].charAt(0).toUpperCase() + WORDS[one].slice(1),
            one,
            operation.progress[one],
          ),
        )}
      </div>
      {query.error && <Notice error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess && items.length === 0 && (
        <p className="soft">{operation.items === null ? 'Being looked up.' : 'None.'}</p>
      )}
      {!query.isFromFirst && (
        <button type="button" className="link" onClick={query.showFirst}>
          Show from the first one again
        </button>
      )}
      <ol className="items">
        {items.map((item) => (
          <Item key={item.item} item={item} />
        ))}
      </ol>
      <ShowMore query={query} />
    </section>
  );
};
