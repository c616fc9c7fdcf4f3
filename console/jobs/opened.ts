import { createContext, useContext, useEffect, useMemo, useRef } from 'react';
import { parsePath, useLocation, type Location, type Path } from 'react-router';
import { useGo } from '../frame/link';
import type { CrowdedMinute } from '../http/answers';

/** How one came to the page of a job; absent for one that was linked. */
export type JobState = {
  /** The page that it was opened from, `/jobs?tag=partner`. */
  readonly from?: string;
  /** It lies over that page, which keeps its place. */
  readonly isOver?: true;
  /** It is looked at from there, where the keyboard stays. */
  readonly isPeek?: true;
  readonly crowded?: CrowdedMinute;
};

export const jobStateOf = ({ state }: Location): JobState | null => state as JobState | null; // set by rows that lead to it, and by the form of a new job

const OF_A_JOB = /^\/jobs\/([0-9a-f-]{36})$/;

/** The page under a job that was opened over it; undefined where the job, or anything else, is a page of its own. */
export const pageUnder = (location: Location): Path | undefined => {
  const { isOver, from } = jobStateOf(location) ?? {};
  if (isOver !== true || from === undefined || !OF_A_JOB.test(location.pathname)) return undefined;
  return { pathname: '/jobs', search: '', hash: '', ...parsePath(from) };
};

export type Opened = {
  /** The job that lies over the page; undefined: none does. */
  readonly jobId: string | undefined;
  /** Shows another one in its place. */
  readonly show: (jobId: string) => void;
};

export const OpenedJob = createContext<Opened>({ jobId: undefined, show: () => undefined });

export const useOpened = (): Opened => useContext(OpenedJob);

/** Hears of a job that was closed, unless one has gone elsewhere meanwhile, to the search or to another row. */
export const useWhenClosed = (take: (jobId: string) => void): void => {
  const { jobId } = useOpened();
  const before = useRef<string>(undefined);
  useEffect(() => {
    const closed = jobId === undefined ? before.current : undefined;
    before.current = jobId;
    if (closed !== undefined && document.activeElement === document.body) take(closed);
  });
};

/** For the one place that knows both the address and the page under it. */
export const useOpenedOf = (page: Path | undefined): Opened => {
  const go = useGo();
  const { pathname } = useLocation();
  const from = page ? `${page.pathname}${page.search}` : '';
  const jobId = page && OF_A_JOB.exec(pathname)?.[1];
  return useMemo(
    () => ({
      jobId,
      show: (other: string) =>
        go(`/jobs/${other}`, {
          replace: true,
          state: { from, isOver: true, isPeek: true } satisfies JobState,
        }),
    }),
    [jobId, from, go],
  );
};
