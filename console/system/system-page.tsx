import { useState } from 'react';
import { Link } from '../frame/link';
import { Notice } from '../frame/notice';
import { isProblem } from '../http/problem';
import { sessionStore } from '../http/session';
import { NamedShares, Queues } from './queues';
import { ShareDialog } from './share-dialog';
import type { ShareKind } from './share-fields';
import { useQueues, useReadiness, useShares, useSystem } from './use-system';
import { Verdict } from './verdict';
import { Dispatchers, Executors, Parked, Processes, Sealed, Servers } from './working';

const Refused = () => (
  <div className="empty">
    <h1>For operators</h1>
    <p>
      You are signed in as {sessionStore.current()?.principalId}, who may see own jobs and schedules
      alone. <Link to="/jobs">Go to the jobs</Link>.
    </p>
  </div>
);

const Page = () => {
  const system = useSystem();
  const isOperator = sessionStore.current()?.role === 'operator';
  const queues = useQueues(isOperator);
  const shares = useShares(isOperator);
  const readiness = useReadiness();
  const [changing, setChanging] = useState<{
    readonly kind: ShareKind;
    readonly name: string | undefined;
  }>();
  const change = (kind: ShareKind, name: string | undefined): void => setChanging({ kind, name });
  if (isProblem(system.error, 'forbidden')) return <Refused />;
  const isLooking = [system, queues, shares].some(({ isPending }) => isPending);
  const error = system.error ?? queues.error ?? shares.error ?? readiness.error;

  return (
    <>
      <div className="head">
        <h1>System</h1>
      </div>
      <Verdict
        readiness={readiness.data}
        queues={queues.data?.queues}
        isLooking={isLooking || readiness.isPending}
      />
      {error && <Notice error={error} onRetry={() => void system.refetch()} />}
      {!isLooking && (
        <div className="columns">
          <div>
            {queues.data && (
              <Queues
                queues={queues.data.queues}
                isCut={queues.data.isBacklogCut}
                onChange={change}
              />
            )}
            {system.data && <Executors system={system.data} />}
            {system.data && <Processes system={system.data} />}
            {system.data && <Parked system={system.data} />}
          </div>
          <div>
            {shares.data && <NamedShares read={shares.data} onChange={change} />}
            {system.data && <Servers system={system.data} />}
            {system.data && <Dispatchers system={system.data} />}
            {system.data && <Sealed system={system.data} />}
          </div>
        </div>
      )}
      {changing && shares.data && (
        <ShareDialog {...changing} read={shares.data} onClose={() => setChanging(undefined)} />
      )}
    </>
  );
};

export const SystemPage = () => (
  <>
    <title>System · Punctual</title>
    <Page />
  </>
);
