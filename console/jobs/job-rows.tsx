import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useKeys } from '../frame/keys';
import type { Job } from '../http/answers';
import { JobRow, pickId, rowId } from './job-row';
import type { Picking } from './picking';
import { useWindow } from './use-window';

const ROW_PX = 48;
const NARROW_ROW_PX = 66;
const narrow = matchMedia('(max-width: 60rem)');
const onWidth = (listener: () => void): (() => void) => {
  narrow.addEventListener('change', listener);
  return () => narrow.removeEventListener('change', listener);
};

const COLUMNS = ['Job', 'Due', 'Status', 'Started late by', 'Tags', 'Attempt'] as const;

type JobRowsProps = {
  readonly jobs: readonly Job[];
  readonly hasMore: boolean;
  readonly isOwnerShown: boolean;
  /** Asked for when the end comes near. */
  readonly onMore: () => void;
  /** Absent where nothing can be selected. */
  readonly picking?: Picking;
};

/** Where the keyboard was when the list was left. */
let lastFocus: string | undefined;

/** Moves the focus from row to row, also to rows that are not in the document yet. */
const useRowFocus = (
  jobs: readonly Job[],
  bring: (index: number) => void,
  pick: Picking['pick'] | undefined,
): void => {
  const [wanted, setWanted] = useState<string>();
  const at = useRef(-1);
  const go = (index: number): void => {
    const job = jobs[index];
    if (!job) return;
    at.current = index;
    bring(index);
    setWanted(job.jobId);
  };
  const place = (): number => {
    const focused = document.activeElement?.id;
    const found = jobs.findIndex(({ jobId }) =>
      [rowId(jobId), pickId(jobId)].includes(focused ?? ''),
    );
    return found >= 0 ? found : at.current;
  };
  const take = (isRange: boolean): void => {
    const job = jobs[place()];
    if (job) pick?.(job.jobId, isRange);
  };
  useKeys({
    j: () => go(place() + 1),
    k: () => go(Math.max(0, place() - 1)),
    ...(pick && { x: () => take(false), X: () => take(true) }),
  });
  useEffect(() => {
    if (wanted === undefined) return;
    const row = document.getElementById(rowId(wanted));
    if (!row) return; // it comes with the next look at what is in view
    row.focus({ preventScroll: true });
    lastFocus = wanted;
    setWanted(undefined);
  });
  useEffect(() => {
    if (lastFocus === undefined) return;
    document.getElementById(rowId(lastFocus))?.focus({ preventScroll: true });
  }, []);
};

export const JobRows = ({ jobs, hasMore, isOwnerShown, onMore, picking }: JobRowsProps) => {
  const isNarrow = useSyncExternalStore(onWidth, () => narrow.matches);
  const rowPx = isNarrow ? NARROW_ROW_PX : ROW_PX;
  const { list, from, to, bring } = useWindow(jobs.length, rowPx);
  useRowFocus(jobs, bring, picking?.pick);
  useEffect(() => {
    if (hasMore && to >= jobs.length) onMore();
  }, [hasMore, to, jobs.length, onMore]);

  return (
    <div
      role="table"
      aria-label="Jobs"
      aria-rowcount={hasMore ? -1 : jobs.length + 1}
      className="panel rows"
    >
      <div role="row" aria-rowindex={1} className={`row row-head ${picking ? 'row-pickable' : ''}`}>
        {picking && (
          <div role="columnheader">
            <span className="only-heard">Selected</span>
          </div>
        )}
        {COLUMNS.map((column) => (
          <div role="columnheader" key={column}>
            {column}
          </div>
        ))}
      </div>
      <div
        role="rowgroup"
        ref={list}
        className="rows-body"
        style={{ height: `${jobs.length * rowPx}px` }}
        onFocus={({ target }) => {
          if (target.id.startsWith('job-')) lastFocus = target.id.slice('job-'.length);
        }}
      >
        {jobs.slice(from, to).map((job, at) => (
          <JobRow
            key={job.jobId}
            job={job}
            index={from + at}
            top={(from + at) * rowPx}
            isOwnerShown={isOwnerShown}
            {...(picking && { isPicked: picking.picked.has(job.jobId), onPick: picking.pick })}
          />
        ))}
      </div>
    </div>
  );
};
