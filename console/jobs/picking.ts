import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Job } from '../http/answers';

export type Picking = {
  readonly picked: ReadonlySet<string>;
  /** Takes a job in or out; as a range all from the last one up to it come in. */
  readonly pick: (jobId: string, isRange: boolean) => void;
  readonly clear: () => void;
};

const NONE: ReadonlySet<string> = new Set();

const between = (jobs: readonly Job[], from: string | undefined, to: string): readonly string[] => {
  const [start, end] = [from, to].map((id) => jobs.findIndex(({ jobId }) => jobId === id));
  if (start === undefined || end === undefined || start < 0 || end < 0) return [to];
  return jobs.slice(Math.min(start, end), Math.max(start, end) + 1).map(({ jobId }) => jobId);
};

/**
 * The jobs of a list that were picked one by one.
 *
 * @param view  another list begins with none
 */
export const usePicking = (jobs: readonly Job[], view: string): Picking => {
  const [chosen, setChosen] = useState({ view, ids: NONE });
  const last = useRef<string>(undefined);
  const current = useRef(jobs);
  useEffect(() => {
    current.current = jobs;
  });
  const picked = chosen.view === view ? chosen.ids : NONE;
  const pick = useCallback(
    (jobId: string, isRange: boolean) => {
      const taken = isRange ? between(current.current, last.current, jobId) : [jobId];
      last.current = jobId;
      setChosen((before) => {
        const ids = new Set(before.view === view ? before.ids : NONE);
        if (!isRange && ids.delete(jobId)) return { view, ids };
        for (const one of taken) ids.add(one);
        return { view, ids };
      });
    },
    [view],
  );
  const clear = useCallback(() => setChosen({ view, ids: NONE }), [view]);
  return useMemo(() => ({ picked, pick, clear }), [picked, pick, clear]);
};
