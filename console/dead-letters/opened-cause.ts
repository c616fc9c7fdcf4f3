import { useEffect, useRef } from 'react';
import { useOpened, useWhenClosed } from '../jobs/opened';
import { lastId, type Cause } from './cause-row';

export type OpenedCause = {
  /** The cause whose job lies over the page. */
  readonly opened: Cause | undefined;
  /** Shows the job of another one in its place, where one is open. */
  readonly follow: (cause: Cause | undefined) => void;
};

/** Goes along with the job that lies over the causes, and gives the focus back to where it was opened. */
export const useOpenedCause = (causes: readonly Cause[]): OpenedCause => {
  const { jobId, show } = useOpened();
  const opened = causes.find(({ last }) => last.jobId === jobId);
  // by its cause, for that may have a newer job when this one is closed
  const place = useRef('');
  useEffect(() => {
    if (opened) place.current = lastId(opened);
  });
  useWhenClosed(() => document.getElementById(place.current)?.focus());
  const follow = (cause: Cause | undefined): void => {
    if (cause && jobId !== undefined) show(cause.last.jobId);
  };
  return { opened, follow };
};
