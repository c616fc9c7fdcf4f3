import { useEffect, useRef, useState } from 'react';
import { useKeys } from '../frame/keys';
import type { Job } from '../http/answers';
import { useOpened, useWhenClosed } from './opened';
import type { Picking } from './picking';

export const rowId = (jobId: string): string => `job-${jobId}`;

/** Where the keyboard was when the list was left. */
let lastFocus: string | undefined;

/** Remembers the row that an element within it belongs to. */
export const noteFocus = ({ id }: Element): void => {
  if (id.startsWith('job-')) lastFocus = id.slice('job-'.length);
};

/**
 * Moves the focus from row to row, also to rows that are not in the document yet. A job that lies over the list goes
 * along, and the focus is back on its row when it is closed.
 *
 * @param bring  a row into view, by its index
 */
export const useRowFocus = (
  jobs: readonly Job[],
  bring: (index: number) => void,
  pick: Picking['pick'] | undefined,
): void => {
  const { jobId: openId, show } = useOpened();
  const [wanted, setWanted] = useState<string>();
  const at = useRef(-1);
  const indexOf = (jobId: string | undefined): number =>
    jobs.findIndex((job) => job.jobId === jobId);
  const go = (index: number): void => {
    const job = jobs[index];
    if (!job) return;
    at.current = index;
    bring(index);
    setWanted(job.jobId);
    if (openId !== undefined && openId !== job.jobId) show(job.jobId);
  };
  const place = (): number => {
    const row = document.activeElement?.closest<HTMLElement>('[data-job]');
    const found = indexOf(row?.dataset['job']);
    if (found >= 0) return found;
    return openId === undefined ? at.current : indexOf(openId);
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

  useWhenClosed((closed) => {
    const index = indexOf(closed);
    if (index < 0) return;
    bring(index);
    setWanted(closed);
  });
};
