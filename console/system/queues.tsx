import { Link } from '../frame/link';
import type { Queue } from '../http/answers';
import { HELD_BACK } from '../jobs/standing';
import { count, number, span } from '../time/format';
import { shareText, type Share, type ShareKind } from './share-fields';
import { Table } from './table';
import type { ReadShares } from './use-system';

const COLUMNS = [
  'Queue',
  'Due, not sent',
  'Sent, not started',
  'Running',
  'Starts',
  'Longest wait',
  'Executors',
  'Limits',
  'Change',
] as const;

/** `2.5 a second`, `3 a minute`; of less than one a second the minute tells more */
const rateText = (startsPerSecond: number): string => {
  if (startsPerSecond === 0) return '–';
  return startsPerSecond < 1
    ? `${count(Math.round(startsPerSecond * 60))} a minute`
    : `${number(startsPerSecond)} a second`;
};

type Change = (kind: ShareKind, name: string | undefined) => void;

type QueueRowProps = {
  readonly queue: Queue;
  /** More may be due than was counted. */
  readonly isCut: boolean;
  readonly onChange: Change;
};

const QueueRow = ({ queue, isCut, onChange }: QueueRowProps) => (
  <tr>
    <th scope="row">
      <Link to={`/jobs?queue=${encodeURIComponent(queue.queue)}`}>{queue.queue}</Link>
      {queue.heldBack && <span className="under">{HELD_BACK[queue.heldBack.reason]}</span>}
      {queue.ownersHeldBack > 0 && (
        <span className="under">{count(queue.ownersHeldBack)} owners are held back</span>
      )}
    </th>
    <td>
      {count(queue.backlog)}
      {isCut && '+'}
    </td>
    <td>
      {count(queue.queued)}
      {queue.budget !== null && <span className="under">may be {count(queue.budget)}</span>}
    </td>
    <td>{count(queue.running)}</td>
    <td>{rateText(queue.startsPerSecond)}</td>
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

type QueuesProps = {
  readonly queues: readonly Queue[];
  readonly isCut: boolean;
  readonly onChange: Change;
};

export const Queues = ({ queues, isCut, onChange }: QueuesProps) => (
  <section className="panel">
    <h2>Queues</h2>
    {queues.length === 0 ? (
      <p className="soft">No queue has executors or jobs under way.</p>
    ) : (
      <Table name="Queues" columns={COLUMNS}>
        {queues.map((queue) => (
          <QueueRow key={queue.queue} {...{ queue, isCut, onChange }} />
        ))}
      </Table>
    )}
    <p className="hint">
      Jobs that are due and held back stay scheduled and say so. Starts are those of the last
      minute; as many may be sent and not started as its executors take at once. The limits that are
      told are those in force, of here and of the settings.
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
