import { createContext, useContext, useMemo } from 'react';
import { useLocation, type Location } from 'react-router';
import { useGo } from '../frame/link';
import type { CrowdedMinute } from '../http/answers';
import { sameMoment } from '../past/as-of';

/** How one came to the page of a job; absent for one that was linked. */
export type JobState = {
  /** The query of the list that it was opened from. */
  readonly from?: string;
  /** It lies over that list, which keeps its place. */
  readonly isOver?: true;
  /** It is looked at from the list, where the keyboard stays. */
  readonly isPeek?: true;
  readonly crowded?: CrowdedMinute;
};

export const jobStateOf = ({ state }: Location): JobState | null => state as JobState | null; // set by rows of the list, and by the form of a new job

const OF_A_JOB = /^\/jobs\/([0-9a-f-]{36})$/;

/** The list under a job that was opened over it; undefined where the job, or anything else, is a page of its own. */
export const listUnder = (location: Location): Partial<Location> | undefined => {
  const { isOver, from = '' } = jobStateOf(location) ?? {};
  if (isOver !== true || !OF_A_JOB.test(location.pathname)) return undefined;
  return { pathname: '/jobs', search: from, hash: '', state: null };
};

export type Opened = {
  /** The job that lies over the list; undefined: none does. */
  readonly jobId: string | undefined;
  /** Shows another one in its place. */
  readonly show: (jobId: string) => void;
};

export const OpenedJob = createContext<Opened>({ jobId: undefined, show: () => undefined });

export const useOpened = (): Opened => useContext(OpenedJob);

/** For the one place that knows both the address and the list under it. */
export const useOpenedOf = (list: Partial<Location> | undefined): Opened => {
  const go = useGo();
  const { pathname } = useLocation();
  const from = list?.search ?? '';
  const jobId = list && OF_A_JOB.exec(pathname)?.[1];
  return useMemo(
    () => ({
      jobId,
      show: (other: string) =>
        go(
          { pathname: `/jobs/${other}`, search: sameMoment(from) },
          { replace: true, state: { from, isOver: true, isPeek: true } satisfies JobState },
        ),
    }),
    [jobId, from, go],
  );
};
