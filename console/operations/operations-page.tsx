import { useState } from 'react';
import { useLocation, useSearchParams } from 'react-router';
import { Link } from '../frame/link';
import { Notice } from '../frame/notice';
import { useRowKeys } from '../frame/row-keys';
import { ShowMore } from '../frame/show-more';
import type { Operation } from '../http/answers';
import { sessionStore } from '../http/session';
import { Narrowing } from '../jobs/narrowing';
import { sameMoment, useAsOf } from '../past/as-of';
import { PastOperations } from '../past/past-operations';
import { count } from '../time/format';
import { RowTime } from '../time/row-time';
import { Progress, progressText } from './progress';
import { useOperations } from './use-operations';
import { operationTitle, STATUS_WORDS } from './words';

const COLUMNS = ['Operation', 'Progress', 'Status', 'Started'] as const;

const rowId = ({ operationId }: Operation): string => `operation-${operationId}`;

const Row = ({ operation }: { readonly operation: Operation }) => {
  const isOwnerShown = sessionStore.current()?.role === 'operator';
  const { search } = useLocation();
  const { reason = '' } = operation;
  const told = [...(isOwnerShown ? [operation.ownerId] : []), ...(reason ? [reason] : [])];
  return (
    <li className="operation-row">
      <div className="cell-name">
        <Link
          id={rowId(operation)}
          to={`/operations/${operation.operationId}${sameMoment(search)}`}
          dir="auto"
        >
          {operationTitle(operation)}
        </Link>
        <span className="under" dir="auto">
          {told.join(' · ') || operation.kind}
        </span>
      </div>
      <div>
        <Progress operation={operation} />
        <span className="under">{progressText(operation)}</span>
      </div>
      <div>
        <span className={`status status-operation-${operation.status}`}>
          {STATUS_WORDS[operation.status]}
        </span>
      </div>
      <div>
        <RowTime at={operation.startedAt} />
      </div>
    </li>
  );
};

const Empty = () => (
  <div className="empty">
    <h2>No operation yet</h2>
    <p>
      Cancel, move or run again many jobs at once: select some on{' '}
      <Link to="/jobs">the list of jobs</Link>, or press <kbd>.</kbd> there for all that it shows.
    </p>
  </div>
);

const List = ({ items }: { readonly items: readonly Operation[] }) => (
  <div className="panel">
    <div className="operation-row row-head" aria-hidden>
      {COLUMNS.map((column) => (
        <div key={column}>{column}</div>
      ))}
    </div>
    <ol className="operation-rows" aria-label="Operations">
      {items.map((operation) => (
        <Row key={operation.operationId} operation={operation} />
      ))}
    </ol>
  </div>
);

const Operations = () => {
  const [search] = useSearchParams();
  const ownerId = search.get('ownerId') ?? undefined;
  const query = useOperations(ownerId);
  const all = query.data?.pages.flatMap((page) => page.items) ?? [];
  const [upTo, setUpTo] = useState<string>();
  const newest = all[0]?.startedAt;
  if (upTo === undefined && newest !== undefined) setUpTo(newest);
  // what comes while one looks moves nothing under the pointer
  const items = all.filter(({ startedAt }) => upTo === undefined || startedAt <= upTo);
  const fresh = all.length - items.length;
  useRowKeys(items.map(rowId));
  return (
    <>
      <title>Operations · Punctual</title>
      <div className="head">
        <h1>Operations</h1>
      </div>
      <div className="chips">
        <Narrowing filter={ownerId === undefined ? {} : { ownerId }} />
      </div>
      {query.error && <Notice error={query.error} onRetry={() => void query.refetch()} />}
      <div className="fresh" aria-live="polite">
        {fresh > 0 && (
          <button type="button" className="chip chip-fresh" onClick={() => setUpTo(newest)}>
            {count(fresh)} new
          </button>
        )}
      </div>
      {query.isSuccess && items.length === 0 && <Empty />}
      {items.length > 0 && <List items={items} />}
      <ShowMore query={query} />
    </>
  );
};

/** Changes of many jobs at once, the newest first, with how far each is, or was. */
export const OperationsPage = () => {
  const { asOf } = useAsOf();
  if (asOf === undefined) return <Operations />;
  return (
    <PastOperations asOf={asOf} rowId={rowId}>
      {(items) => <List items={items} />}
    </PastOperations>
  );
};
