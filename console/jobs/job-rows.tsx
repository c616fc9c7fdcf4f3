import { useEffect } from 'react';
import { useNarrow } from '../frame/use-narrow';
import type { Job } from '../http/answers';
import { COLUMNS, widthsOf } from './columns';
import { JobRow } from './job-row';
import { useLook } from './look';
import { useOpened } from './opened';
import type { Picking } from './picking';
import { noteFocus, useRowFocus } from './row-focus';
import { useWindow } from './use-window';

const ROW_PX = 48;
const DENSE_ROW_PX = 34;
const NARROW_ROW_PX = 66;

type JobRowsProps = {
  readonly jobs: readonly Job[];
  readonly hasMore: boolean;
  readonly isOwnerShown: boolean;
  /** Asked for when the end comes near. */
  readonly onMore: () => void;
  /** Absent where nothing can be selected. */
  readonly picking?: Picking;
};

export const JobRows = ({ jobs, hasMore, isOwnerShown, onMore, picking }: JobRowsProps) => {
  const [{ columns, isDense }] = useLook();
  const isNarrow = useNarrow();
  const widePx = isDense ? DENSE_ROW_PX : ROW_PX;
  const rowPx = isNarrow ? NARROW_ROW_PX : widePx;
  const { list, from, to, bring } = useWindow(jobs.length, rowPx);
  const { jobId: openId } = useOpened();
  useRowFocus(jobs, bring, picking?.pick);
  useEffect(() => {
    if (hasMore && to >= jobs.length) onMore();
  }, [hasMore, to, jobs.length, onMore]);

  return (
    <div
      role="table"
      aria-label="Jobs"
      aria-rowcount={hasMore ? -1 : jobs.length + 1}
      className={isDense ? 'panel rows rows-dense' : 'panel rows'}
      style={{ '--columns': widthsOf(columns) } as object}
    >
      <div role="row" aria-rowindex={1} className={`row row-head ${picking ? 'row-pickable' : ''}`}>
        {picking && (
          <div role="columnheader">
            <span className="only-heard">Selected</span>
          </div>
        )}
        <div role="columnheader">Job</div>
        {columns.map((key) => (
          <div role="columnheader" key={key}>
            {COLUMNS[key].title}
          </div>
        ))}
      </div>
      <div
        role="rowgroup"
        ref={list}
        className="rows-body"
        style={{ height: `${jobs.length * rowPx}px` }}
        onFocus={({ target }) => noteFocus(target)}
      >
        {jobs.slice(from, to).map((job, at) => (
          <JobRow
            key={job.jobId}
            job={job}
            index={from + at}
            top={(from + at) * rowPx}
            isOwnerShown={isOwnerShown}
            columns={columns}
            isOpen={job.jobId === openId}
            {...(picking && { isPicked: picking.picked.has(job.jobId), onPick: picking.pick })}
          />
        ))}
      </div>
    </div>
  );
};
