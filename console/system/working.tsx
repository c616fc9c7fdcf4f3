import { Link } from '../frame/link';
import type { System } from '../http/answers';
import { count, span } from '../time/format';
import { Moment } from '../time/moment';
import { Table } from './table';

/** As long as `/readyz` waits before it calls a process unseen. */
const UNSEEN_MS = 10_000;

const short = (id: string): string => (id.length > 24 ? `${id.slice(0, 23)}…` : id);

const Age = ({ ms }: { readonly ms: number }) => (
  <td className={ms > UNSEEN_MS ? 'waits' : undefined}>{span(ms)} ago</td>
);

export const Processes = ({ system: { processes } }: { readonly system: System }) => (
  <section className="panel">
    <h2>Processes</h2>
    <Table name="Processes" columns={['Process', 'Told of itself', 'Moved', 'Waits for']}>
      {processes.map(({ instance, process, unseenMs, stillMs, waitsFor }) => (
        <tr key={`${instance} ${process}`}>
          <th scope="row">
            {process}
            <span className="under">in program {instance.slice(0, 8)}</span>
          </th>
          <Age ms={unseenMs} />
          <Age ms={unseenMs + stillMs} />
          <td>
            {waitsFor.length === 0
              ? '–'
              : waitsFor.map(({ server, reason }) => `${server}: ${reason}`).join('; ')}
          </td>
        </tr>
      ))}
    </Table>
  </section>
);

const SERVERS: Readonly<Record<string, string>> = {
  'event-store': 'Event store',
  'read-model': 'Read model',
  broker: 'Broker',
};

/** As far as `/readyz` lets clocks be apart. */
const APART_MS = 1_000;

const clockText = (skewMs: number | undefined): string => {
  if (skewMs === undefined) return 'not known';
  if (Math.abs(skewMs) <= APART_MS) return 'in step';
  return `${span(Math.abs(skewMs))} ${skewMs > 0 ? 'ahead' : 'behind'}`;
};

/** What stands behind the processes: versions, clocks, and how far the read model is behind the log. */
export const Servers = ({ system: { servers, projection } }: { readonly system: System }) => (
  <section className="panel">
    <h2>Servers</h2>
    <Table name="Servers" columns={['Server', 'Version', 'Clock']}>
      {servers.map(({ server, version, skewMs }) => (
        <tr key={server}>
          <th scope="row">{SERVERS[server] ?? server}</th>
          <td>{version ?? 'not known'}</td>
          <td className={Math.abs(skewMs ?? 0) > APART_MS ? 'waits' : undefined}>
            {clockText(skewMs)}
          </td>
        </tr>
      ))}
    </Table>
    <p className="said">
      {projection === undefined && 'How far the read model is behind the log is not known now.'}
      {projection?.lagEvents === 0 && 'The read model has all of the log.'}
      {projection !== undefined &&
        projection.lagEvents > 0 &&
        `The read model is ${span(projection.lagMs)} behind the log, ${count(projection.lagEvents)} events.`}
    </p>
  </section>
);

export const Executors = ({ system: { executors } }: { readonly system: System }) => (
  <section className="panel">
    <h2>Executors</h2>
    {executors.count === 0 ? (
      <p className="waits">No executor was heard of lately: no job runs.</p>
    ) : (
      <Table name="Executors" columns={['Executor', 'Queue', 'Running', 'Last beat']}>
        {executors.items.map(({ executorId, queue, running, unseenMs, cannotTake }) => (
          <tr key={executorId}>
            <th scope="row" title={executorId}>
              {short(executorId)}
              {cannotTake !== undefined && (
                <span className="under waits">takes no jobs: {cannotTake}</span>
              )}
            </th>
            <td>{queue}</td>
            <td>{count(running)}</td>
            <Age ms={unseenMs} />
          </tr>
        ))}
      </Table>
    )}
    {executors.count > executors.items.length && (
      <p className="hint">
        {count(executors.items.length)} of {count(executors.count)}: those that were heard last.
      </p>
    )}
  </section>
);

export const Dispatchers = ({ system: { dispatchers, slots } }: { readonly system: System }) => (
  <section className="panel">
    <h2>Dispatchers</h2>
    {dispatchers.length > 0 && (
      <Table name="Dispatchers" columns={['Dispatcher', 'Slots']}>
        {dispatchers.map(({ dispatcherId, slots: held }) => (
          <tr key={dispatcherId}>
            <th scope="row" title={dispatcherId}>
              {short(dispatcherId)}
            </th>
            <td>
              {count(held)} of {count(slots.all)}
            </td>
          </tr>
        ))}
      </Table>
    )}
    {slots.unheld > 0 && (
      <p className="waits">
        Nobody holds {count(slots.unheld)} of {count(slots.all)} slots: their jobs are not sent.
      </p>
    )}
  </section>
);

export const Parked = ({ system: { parkedStreams } }: { readonly system: System }) => (
  <section className="panel">
    <h2>Parked streams</h2>
    {parkedStreams.count === 0 ? (
      <p className="soft">None: each event could be applied.</p>
    ) : (
      <Table name="Parked streams" columns={['Stream', 'At', 'Why', 'Since']}>
        {parkedStreams.items.map(({ stream, revision, position, error, parkedAt }) => (
          <tr key={stream}>
            <th scope="row">
              <code>{stream}</code>
            </th>
            <td>
              revision {revision}
              <span className="under">position {position}</span>
            </td>
            <td>{error}</td>
            <td>
              <Moment at={parkedAt} />
            </td>
          </tr>
        ))}
      </Table>
    )}
    {parkedStreams.count > parkedStreams.items.length && (
      <p className="hint">
        {count(parkedStreams.items.length)} of {count(parkedStreams.count)}.
      </p>
    )}
  </section>
);

type Verification = NonNullable<System['verification']>;

const windowOf = ({ from, to }: Verification): string => {
  if (from === undefined && to === undefined) return 'The log';
  return `The log from ${from ?? 'its beginning'} to ${to ?? 'its end'}`;
};

/** What it did not look at; empty for a whole one. */
const leftOutOf = ({ noReadModel, noNats }: Verification): string => {
  const parts = [...(noReadModel ? ['the read model'] : []), ...(noNats ? ['the messages'] : [])];
  return parts.length === 0 ? '' : `, without ${parts.join(' and ')}`;
};

/** What was proved last, by whom and when. */
const Verified = ({ verification: found }: { readonly verification: System['verification'] }) => {
  if (found === undefined) return null;
  if (found === null)
    return (
      <p className="soft said">
        Never verified over HTTP; <Link to="/audit">verify it</Link>.
      </p>
    );
  const { events, violations, gone, sealHead, verifiedAt, verifiedBy } = found;
  return (
    <p className={violations > 0 ? 'said waits' : 'said'}>
      {windowOf(found)} was verified{leftOutOf(found)} by {verifiedBy}, <Moment at={verifiedAt} />:{' '}
      {count(events)} events{sealHead !== undefined && ' with their seals'}, {count(violations)}{' '}
      violations
      {gone > 0 && `, ${count(gone)} findings of what is gone`}.{' '}
      <Link to="/audit">Verify it again</Link>.
    </p>
  );
};

export const Sealed = ({ system }: { readonly system: System }) => {
  const { seal } = system;
  return (
    <section className="panel">
      <h2>Proofs</h2>
      {seal === undefined && <p className="waits">The log cannot tell now how far it is sealed.</p>}
      {seal === null && (
        <p className="soft">No seal yet: the archivist makes one when a block is old enough.</p>
      )}
      {seal && (
        <p>
          The log is sealed up to position {seal.position}, block {count(seal.block)}, since{' '}
          <Moment at={seal.sealedAt} />.
        </p>
      )}
      <Verified verification={system.verification} />
    </section>
  );
};
