import type { Schedule } from '../http/answers';
import { readFresh, send } from '../http/client';
import { isProblem } from '../http/problem';
import { useSend } from '../http/use-send';
import { changedMeanwhile } from './definition';
import { useReread } from './use-schedule';

const TRIES = 20;
const PAUSE_MS = 250;

type Request = { readonly method: 'PUT' | 'DELETE'; readonly body: object };

export type Sent =
  | { readonly outcome: 'done'; readonly schedule: Schedule }
  /** Somebody was faster: nothing was changed. */
  | { readonly outcome: 'lost'; readonly now: Schedule; readonly what: string };

/**
 * Its revision also grows with each run that is planned, which is no reason for a no: it is sent again for the revision
 * of now as long as nothing else has changed.
 *
 * @throws Problem
 */
const sendAtRevision = async (
  begun: Schedule,
  { method, body }: Request,
  key: string,
): Promise<Sent> => {
  const of = `v1/schedules/${begun.scheduleId}`;
  let { revision } = begun;
  for (let tries = 1; ; tries += 1) {
    try {
      const options = { method, key: `${key}-${revision}`, ifMatch: revision };
      return { outcome: 'done', schedule: await send<Schedule>(of, body, options) };
    } catch (error) {
      if (!isProblem(error, 'revision-mismatch') || tries === TRIES) throw error;
      const now = await readFresh<Schedule>(of);
      const what = changedMeanwhile(begun, now);
      if (what !== undefined) return { outcome: 'lost', now, what };
      // the read model may be behind what was refused
      if (now.revision === revision) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      ({ revision } = now);
    }
  }
};

/** Sends a change of the very schedule that somebody has looked at, and reads what became of it. */
export const useSendAtRevision = (scheduleId: string) => {
  const run = useSend();
  const reread = useReread(scheduleId);
  return async (begun: Schedule, request: Request): Promise<Sent> => {
    const key = crypto.randomUUID();
    return await run(async () => {
      const sent = await sendAtRevision(begun, request, key);
      await reread();
      return sent;
    });
  };
};
