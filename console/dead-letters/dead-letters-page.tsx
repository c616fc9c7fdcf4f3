import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { useKeys } from '../frame/keys';
import { Link } from '../frame/link';
import { Notice } from '../frame/notice';
import { useRowKeys } from '../frame/row-keys';
import type { DeadLetters } from '../http/answers';
import { sessionStore } from '../http/session';
import { Narrowing } from '../jobs/narrowing';
import { useOpened } from '../jobs/opened';
import { BulkDialog } from '../operations/bulk-dialog';
import type { Narrowed } from '../operations/words';
import { useAsOf } from '../past/as-of';
import { PastDeadLetters } from '../past/past-dead-letters';
import { Table } from '../system/table';
import { causeId, CauseRow, filterOf, type Cause } from './cause-row';
import { useOpenedCause } from './opened-cause';
import { useDeadLetters } from './use-dead-letters';

const COLUMNS = ['Error', 'Queue', 'Jobs', 'First', 'Last', 'The last one'] as const;

type CausesProps = {
  readonly causes: readonly Cause[];
  readonly ownerId: string | undefined;
  /** Absent: nothing can be changed from here. */
  readonly onRedrive?: (filter: Narrowed) => void;
};

const Causes = ({ causes, ownerId, onRedrive }: CausesProps) => {
  const isOperator = sessionStore.current()?.role === 'operator';
  const { opened, follow } = useOpenedCause(causes);
  useRowKeys(causes.map(causeId), (index) => follow(causes[index]));
  const redriveFocused = (redrive: (filter: Narrowed) => void) => (): void => {
    const focused = document.activeElement?.id;
    const cause = causes.find((one) => causeId(one) === focused && one.errorCode !== '');
    redrive(cause ? filterOf(cause, ownerId) : ownerId === undefined ? {} : { ownerId });
  };
  const isJobOver = useOpened().jobId !== undefined; // it has this key
  useKeys(onRedrive && !isJobOver ? { '.': redriveFocused(onRedrive) } : {});
  return (
    <section className="panel dead-letters">
      <Table name="Dead letters by cause" columns={onRedrive ? [...COLUMNS, 'Change'] : COLUMNS}>
        {causes.map((cause) => (
          <CauseRow
            key={causeId(cause)}
            cause={cause}
            ownerId={ownerId}
            isOwnerShown={isOperator}
            isOpen={cause === opened}
            onRedrive={onRedrive && (() => onRedrive(filterOf(cause, ownerId)))}
          />
        ))}
      </Table>
    </section>
  );
};

const More = ({ found }: { readonly found: DeadLetters | undefined }) =>
  found?.isComplete === false && (
    <p className="hint">There are more causes: these are the first by error and queue.</p>
  );

const DeadLettersNow = () => {
  const [search] = useSearchParams();
  const ownerId = search.get('ownerId') ?? undefined;
  const { data, error, refetch } = useDeadLetters(ownerId);
  const [redriven, setRedriven] = useState<Narrowed>();
  const causes = data?.causes ?? [];
  return (
    <>
      <title>Dead letters · Punctual</title>
      <div className="head">
        <h1>Dead letters</h1>
        {causes.length > 1 && (
          <button
            type="button"
            className="button button-plain"
            onClick={() => setRedriven(ownerId === undefined ? {} : { ownerId })}
          >
            Run all again…
          </button>
        )}
      </div>
      <div className="chips">
        <Narrowing filter={ownerId === undefined ? {} : { ownerId }} />
      </div>
      {error && <Notice error={error} onRetry={() => void refetch()} />}
      {data && causes.length === 0 && (
        <div className="empty">
          <h2>No dead letters</h2>
          <p>
            Jobs that failed for good are told here by their error. See{' '}
            <Link to="/jobs">all jobs</Link>.
          </p>
        </div>
      )}
      {causes.length > 0 && <Causes causes={causes} ownerId={ownerId} onRedrive={setRedriven} />}
      <More found={data} />
      {redriven && (
        <BulkDialog
          chosen={{ by: 'filter', filter: { status: 'failed', ...redriven } }}
          kinds={['redrive']}
          onClose={() => setRedriven(undefined)}
        />
      )}
    </>
  );
};

/** Jobs that failed for good, by what they failed of, and the way to run them again; or as they stood. */
export const DeadLettersPage = () => {
  const [search] = useSearchParams();
  const { asOf } = useAsOf();
  if (asOf === undefined) return <DeadLettersNow />;
  return (
    <PastDeadLetters asOf={asOf}>
      {(found) => (
        <>
          <Causes causes={found.causes} ownerId={search.get('ownerId') ?? undefined} />
          <More found={found} />
        </>
      )}
    </PastDeadLetters>
  );
};
