import type { Schedule } from '../http/answers';
import { readFresh, send, type Sending } from '../http/client';
import { isProblem } from '../http/problem';
import { changedMeanwhile } from './definition';

const TRIES = 20;
const PAUSE_MS = 250;

type Request = Pick<Sending, 'method'> & { readonly path?: string; readonly body?: object };

export type Sent =
  | { readonly outcome: 'done'; readonly schedule: Schedule }
  /** Somebody was faster: nothing was changed. */
  | { readonly outcome: 'lost'; readonly now: Schedule; readonly what: string };

/**
 * Sends a change of the very schedule that somebody has looked at. Its revision also grows with each run that is planned,
 * which is no reason for a no: it is sent again for the revision of now as long as nothing else has changed.
 *
 * @throws Problem
 */
export const sendAtRevision = async (
  begun: Schedule,
  { method = 'POST', path = '', body }: Request,
): Promise<Sent> => {
  const of = `v1/schedules/${begun.scheduleId}`;
  const key = crypto.randomUUID();
  let { revision } = begun;
  for (let tries = 1; ; tries += 1) {
    try {
      const options = { method, key: `${key}-${revision}`, ifMatch: revision };
      return { outcome: 'done', schedule: await send<Schedule>(`${of}${path}`, body, options) };
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
