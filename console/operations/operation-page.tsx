import type { ReactNode } from 'react';
import { useLocation, useParams } from 'react-router';
import { useKeys } from '../frame/keys';
import { Link, useGo } from '../frame/link';
import { Notice } from '../frame/notice';
import type { Operation } from '../http/answers';
import { isProblem } from '../http/problem';
import { useAsOf } from '../past/as-of';
import { PastOne } from '../past/past-one';
import { Moment } from '../time/moment';
import { Items } from './items';
import { OperationActions } from './operation-actions';
import { Progress, progressText } from './progress';
import { useOperation } from './use-operations';
import { isOpen, operationTitle, STATUS_WORDS } from './words';

const Missing = ({ operationId }: { readonly operationId: string }) => (
  <div className="empty">
    <h1>There is no such operation</h1>
    <p>
      <code>{operationId}</code> is none that you may see.{' '}
      <Link to="/operations">Go to the operations</Link>.
    </p>
  </div>
);

const UNDOING: Readonly<Record<Operation['kind'], string>> = {
  cancel: 'A cancel is final: it cannot be undone.',
  move: 'What it has moved can be moved back once it has ended, as long as that has not started or been moved since.',
  redrive:
    'What runs again cannot be made to have failed again; cancel it while it has not started.',
};

const Facts = ({ operation }: { readonly operation: Operation }) => (
  <section className="panel">
    <h2>About it</h2>
    <dl className="about">
      <div>
        <dt>Started by</dt>
        <dd>{operation.ownerId}</dd>
      </div>
      <div>
        <dt>Started</dt>
        <dd>
          <Moment at={operation.startedAt} />
        </dd>
      </div>
      <div>
        <dt>Ended</dt>
        <dd>{operation.endedAt === null ? 'not yet' : <Moment at={operation.endedAt} />}</dd>
      </div>
      {operation.reason !== undefined && (
        <div>
          <dt>Why</dt>
          <dd dir="auto">{operation.reason}</dd>
        </div>
      )}
      {operation.note !== undefined && (
        <div>
          <dt>Stopped for</dt>
          <dd dir="auto">{operation.note}</dd>
        </div>
      )}
      {operation.undoes !== undefined && (
        <div>
          <dt>Undoes</dt>
          <dd>
            <Link to={`/operations/${operation.undoes}`}>the operation before</Link>
          </dd>
        </div>
      )}
      {operation.asOf !== undefined && (
        <div>
          <dt>Looked up</dt>
          <dd>as of position {operation.asOf} of the log</dd>
        </div>
      )}
    </dl>
    <p className="hint">{UNDOING[operation.kind]}</p>
  </section>
);

type StandingProps = { readonly operation: Operation; readonly children?: ReactNode };

/** How far it is, and what became of its jobs. */
const Standing = ({ operation, children }: StandingProps) => (
  <>
    <div className="head">
      <div className="head-title">
        <h1 dir="auto">{operationTitle(operation)}</h1>
        <span className={`status status-operation-${operation.status}`}>
          {STATUS_WORDS[operation.status]}
        </span>
      </div>
      {children}
    </div>
    <div className="panel operation-progress">
      <Progress operation={operation} />
      <p role="status">{isOpen(operation) ? '' : `Done: ${progressText(operation)}.`}</p>
      <p aria-hidden={!isOpen(operation)}>{progressText(operation)}</p>
    </div>
    <div className="columns">
      <div>
        <Items operationId={operation.operationId} operation={operation} />
      </div>
      <div>
        <Facts operation={operation} />
      </div>
    </div>
  </>
);

const OneOperation = () => {
  const { operationId = '' } = useParams();
  const go = useGo();
  const { state } = useLocation() as { state: { from?: string } | null }; // set by whoever started it
  const { data: operation, error, refetch } = useOperation(operationId);
  useKeys({ Escape: () => go(state?.from ?? '/operations') });
  if (isProblem(error, 'operation-not-found') || isProblem(error, 'bad-id'))
    return <Missing operationId={operationId} />;
  return (
    <>
      <title>{`${operation ? operationTitle(operation) : 'Operation'} · Punctual`}</title>
      <nav className="crumbs" aria-label="Where this is">
        <Link to="/operations">Operations</Link> / <code>{operationId}</code>
      </nav>
      {error && <Notice error={error} onRetry={() => void refetch()} />}
      {operation && (
        <Standing operation={operation}>
          <OperationActions operation={operation} />
        </Standing>
      )}
    </>
  );
};

/** One operation, now or as it stood. */
export const OperationPage = () => {
  const { operationId = '' } = useParams();
  const { asOf } = useAsOf();
  if (asOf === undefined) return <OneOperation />;
  return (
    <PastOne<Operation>
      asOf={asOf}
      path={`v1/operations/${operationId}`}
      unknown="operation-not-found"
      none="It was not started yet"
    >
      {(operation) => (
        <>
          <title>{`${operationTitle(operation)} as it stood · Punctual`}</title>
          <Standing operation={operation} />
        </>
      )}
    </PastOne>
  );
};
