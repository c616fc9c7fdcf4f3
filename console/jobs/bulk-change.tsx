import { lazy, Suspense, useState } from 'react';
import { useKeys } from '../frame/keys';
import type { Job } from '../http/answers';
import { kindsFor } from '../operations/words';
import { count } from '../time/format';
import type { Filter } from './filter';
import { useOpened } from './opened';
import type { Picking } from './picking';

const BulkDialog = lazy(async () => ({
  default: (await import('../operations/bulk-dialog')).BulkDialog,
}));

type BulkChangeProps = {
  readonly filter: Filter;
  readonly jobs: readonly Job[];
  /** When they were read, on the server's clock. */
  readonly readAt: number | undefined;
  readonly picking: Picking;
};

/** Changes of what is selected, or of all that the list shows. */
export const useBulkChange = ({ filter, jobs, readAt, picking }: BulkChangeProps) => {
  const { picked, clear } = picking;
  const [isOpen, setOpen] = useState(false);
  const isPicked = picked.size > 0;
  const statuses = isPicked
    ? jobs.filter(({ jobId }) => picked.has(jobId)).map(({ status }) => status)
    : filter.status?.split(',');
  const kinds = kindsFor(statuses);
  const open = (): void => {
    if (kinds.length > 0) setOpen(true);
  };
  const isJobOver = useOpened().jobId !== undefined; // it has these keys
  useKeys(isJobOver ? {} : { '.': open, ...(isPicked && { Escape: clear }) });

  const button = kinds.length > 0 && !isPicked && jobs.length > 0 && (
    <button type="button" className="button button-plain" onClick={open}>
      Change all of these… <kbd aria-hidden>.</kbd>
    </button>
  );
  const bar = isPicked && (
    <div className="picked" role="region" aria-label="Selected jobs">
      <b role="status">{count(picked.size)} selected</b>
      {kinds.length > 0 ? (
        <button type="button" className="button" onClick={open}>
          Cancel, move or run again… <kbd aria-hidden>.</kbd>
        </button>
      ) : (
        <span className="soft">None of them can be changed: they run, or have ended.</span>
      )}
      <button type="button" className="button button-plain" onClick={clear}>
        Select none
      </button>
    </div>
  );
  const dialog = isOpen && (
    <Suspense fallback={null}>
      <BulkDialog
        chosen={isPicked ? { by: 'ids', jobIds: [...picked] } : { by: 'filter', filter }}
        {...{ kinds, readAt }}
        onClose={() => setOpen(false)}
      />
    </Suspense>
  );
  return { button, bar, dialog };
};
