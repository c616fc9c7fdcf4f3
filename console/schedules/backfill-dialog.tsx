import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Dialog } from '../frame/dialog';
import { Notice } from '../frame/notice';
import type { Schedule } from '../http/answers';
import { useSending } from '../http/use-sending';
import { serverNow } from '../time/clock';
import { DueField } from '../time/due-field';
import { count } from '../time/format';
import { useNow } from '../time/now';
import { MOST_PREVIEWED, previewOf, ruleIn } from './use-preview';

const DAY_MS = 24 * 60 * 60_000;

type BackfillDialogProps = {
  readonly schedule: Schedule;
  readonly onClose: () => void;
  /** How many runs it made. */
  readonly onDone: (runs: number) => void;
};

const runsText = (runs: number | undefined): string => {
  if (runs === undefined) return 'Counting…';
  if (runs === 0) return 'No time of its rule lies between them.';
  if (runs >= MOST_PREVIEWED) return `These are ${MOST_PREVIEWED} runs or more, all due at once.`;
  return runs === 1 ? 'This is one run, due at once.' : `These are ${runs} runs, due at once.`;
};

/** Runs what the rule had in some time of the past, now. */
export const BackfillDialog = ({ schedule, onClose, onDone }: BackfillDialogProps) => {
  const { sendForm, error, isBusy } = useSending();
  const now = useNow();
  const [begun] = useState(() => Math.floor(serverNow() / 1_000) * 1_000);
  const [from, setFrom] = useState<string | undefined>(new Date(begun - DAY_MS).toISOString());
  const [to, setTo] = useState<string | undefined>(new Date(begun).toISOString());
  const [startMs, endMs] = [Date.parse(from ?? ''), Date.parse(to ?? '')];
  const isWindow = endMs >= startMs && endMs <= now;
  const { data: runs } = useQuery({
    queryKey: ['schedule', schedule.scheduleId, 'backfill', from, to],
    queryFn: async ({ signal }) => {
      const before = new Date(startMs - 1).toISOString(); // the preview begins after it
      const body = { ...ruleIn(schedule), from: before, count: MOST_PREVIEWED };
      const { occurrences } = await previewOf(body, signal);
      return occurrences.filter(({ dueAt }) => Date.parse(dueAt) <= endMs).length;
    },
    enabled: isWindow,
  });

  const backfill = async (): Promise<void> => {
    const path = `v1/schedules/${schedule.scheduleId}/backfill`;
    const made = await sendForm<Schedule>(path, { from, to });
    if (!made) return;
    onDone(made.jobIds?.length ?? 0);
    onClose();
  };

  return (
    <Dialog title="Run what lies in the past" onClose={onClose}>
      {error !== undefined && <Notice error={error} />}
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          void backfill();
        }}
      >
        <p className="hint">
          Every time that the rule has between these two runs now, also what ran then: for what was
          missed, or is to be done again.
        </p>
        <DueField label="From" value={from ?? ''} onChange={setFrom} />
        <DueField label="To" value={to ?? ''} onChange={setTo} />
        <p role="status">
          {isWindow ? runsText(runs) : 'Both must lie in the past, the second after the first.'}
        </p>
        <div className="actions">
          <button
            type="submit"
            className="button"
            disabled={isBusy || !isWindow || runs === 0}
            aria-busy={isBusy}
          >
            Run {runs === undefined || runs >= MOST_PREVIEWED ? 'them' : count(runs)} now
          </button>
          <button type="button" className="button button-plain" onClick={onClose}>
            Leave it
          </button>
        </div>
      </form>
    </Dialog>
  );
};
