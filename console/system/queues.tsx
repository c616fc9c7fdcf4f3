import { Link } from 'react-router';
import type { Queue } from '../http/answers';
import { HELD_BACK } from '../jobs/standing';
import { count, span } from '../time/format';
import { shareText, type Share, type ShareKind } from './share-fields';
import { Table } from './table';
import type { ReadShares } from './use-system';

const COLUMNS = [
  'Queue',
  'Sent, not started',
  'Running',
  'Longest wait',
  'Executors',
  'Limits',
  'Change',
] as const;

type Change = (kind: ShareKind, name: string | undefined) => void;

const QueueRow = ({ queue, onChange }: { readonly queue: Queue; readonly onChange: Change }) => (
  <tr>
    <th scope="row">
      <Link to={`/jobs?queue=${encodeURIComponent(queue.queue)}`}>{queue.queue}</Link>
      {queue.heldBack && <span className="under">{HELD_BACK[queue.heldBack.reason]}</span>}
      {queue.ownersHeldBack > 0 && (
        <span className="under">{count(queue.ownersHeldBack)} owners are held back</span>
      )}
    </th>
    <td>{count(queue.queued)}</td>
    <td>{count(queue.running)}</td>
    <td className={(queue.oldestWaitMs ?? 0) >= 1_000 ? 'waits' : undefined}>
      {queue.oldestWaitMs === null ? '–' : span(queue.oldestWaitMs)}
    </td>
    <td className={queue.executors === 0 ? 'waits' : undefined}>
      {queue.executors === 0 ? 'none' : count(queue.executors)}
    </td>
    <td>{shareText(queue.limits)}</td>
    <td>
      <button
        type="button"
        className="link"
        aria-label={`Change the limits of ${queue.queue}`}
        onClick={() => onChange('queues', queue.queue)}
      >
        Change…
      </button>
    </td>
  </tr>
);

type QueuesProps = { readonly queues: readonly Queue[]; readonly onChange: Change };

export const Queues = ({ queues, onChange }: QueuesProps) => (
  <section className="panel">
    <h2>Queues</h2>
    {queues.length === 0 ? (
      <p className="soft">No queue has executors or jobs under way.</p>
    ) : (
      <Table name="Queues" columns={COLUMNS}>
        {queues.map((queue) => (
          <QueueRow key={queue.queue} queue={queue} onChange={onChange} />
        ))}
      </Table>
    )}
    <p className="hint">
      Jobs that are due and held back stay scheduled and say so; the limits that are told are those
      in force, of here and of the settings.
    </p>
  </section>
);

type SharesProps = { readonly read: ReadShares; readonly onChange: Change };

/** Limits that were set by name; queues are there that have nothing to do now, too. */
export const NamedShares = ({ read: { shares }, onChange }: SharesProps) => {
  const rows = (['queues', 'owners'] as const).flatMap((kind) =>
    Object.entries<Share>(shares[kind]).map(([name, share]) => ({ kind, name, share })),
  );
  return (
    <section className="panel">
      <h2>Limits that were set</h2>
      {rows.length === 0 ? (
        <p className="soft">None: all queues and owners have what the settings give.</p>
      ) : (
        <Table name="Limits that were set" columns={['For', 'May have', 'Change']}>
          {rows.map(({ kind, name, share }) => (
            <tr key={`${kind} ${name}`}>
              <th scope="row" dir="auto">
                {kind === 'queues' ? 'queue' : 'owner'} {name}
              </th>
              <td>{shareText(share)}</td>
              <td>
                <button
                  type="button"
                  className="link"
                  aria-label={`Change what ${name} may have`}
                  onClick={() => onChange(kind, name)}
                >
                  Change…
                </button>
              </td>
            </tr>
          ))}
        </Table>
      )}
      <div className="actions more">
        <button
          type="button"
          className="button button-plain"
          onClick={() => onChange('queues', undefined)}
        >
          Limit a queue…
        </button>
        <button
          type="button"
          className="button button-plain"
          onClick={() => onChange('owners', undefined)}
        >
          Limit an owner…
        </button>
      </div>
    </section>
  );
};
