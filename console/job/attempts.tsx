import { useState } from 'react';
import type { Attempt } from '../http/answers';
import { Table } from '../system/table';
import { count, span } from '../time/format';
import { Moment } from '../time/moment';

/** More of them are shown when asked for: the newest are what one looks for. */
const SHOWN = 10;

const ENDS: Readonly<Record<NonNullable<Attempt['ended']>, string>> = {
  succeeded: 'Succeeded',
  aborted: 'Stopped on request',
  reported: 'Failed',
  'timed-out': 'Timed out',
  'executor-lost': 'Its executor was lost',
  undeliverable: 'Nobody could be given it',
  withdrawn: 'Withdrawn: moved or cancelled',
  expired: 'Expired',
};

const between = (from: string, to: string): number =>
  Math.max(0, Date.parse(to) - Date.parse(from));

const endOf = ({ ended, startedAt }: Attempt): string => {
  if (ended !== null) return ENDS[ended];
  return startedAt === null ? 'Waits for an executor' : 'Runs';
};

const Row = ({ attempt }: { readonly attempt: Attempt }) => {
  const { dueAt, dispatchedAt, startedAt, executorId, endedAt, error } = attempt;
  return (
    <tr>
      <th scope="row">{count(attempt.attempt)}</th>
      <td>
        <Moment at={startedAt ?? dispatchedAt} isExact />
      </td>
      <td className="span">{startedAt === null ? '–' : span(between(dueAt, startedAt))}</td>
      <td className="span">
        {startedAt === null || endedAt === null ? '–' : span(between(startedAt, endedAt))}
      </td>
      <td>
        {endOf(attempt)}
        {error && (
          <span className="wrong" dir="auto">
            {': '}
            <code>{error.code}</code> {error.message}
          </span>
        )}
        {executorId !== null && (
          <span className="under" dir="auto">
            on {executorId}
          </span>
        )}
      </td>
    </tr>
  );
};

/** Each try at a job, the newest first: when, how late, for how long, where, and how it ended. */
export const Attempts = ({ attempts }: { readonly attempts: readonly Attempt[] }) => {
  const [isWhole, setWhole] = useState(false);
  const newest = attempts.toReversed();
  const shown = isWhole ? newest : newest.slice(0, SHOWN);
  return (
    <>
      <Table name="Attempts" columns={['Attempt', 'Started', 'Late', 'Ran for', 'How it ended']}>
        {shown.map((attempt) => (
          <Row key={attempt.dispatchedAt} attempt={attempt} />
        ))}
      </Table>
      {shown.length < attempts.length && (
        <button type="button" className="button button-plain more" onClick={() => setWhole(true)}>
          Show all {count(attempts.length)}
        </button>
      )}
    </>
  );
};
