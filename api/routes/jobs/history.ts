import type { JobHistory } from '../../../commands/job-history';
import type { AsOf } from '../../../domain/audit/as-of';
import type { Actor } from '../../../domain/events/metadata';
import type { Clock } from '../../../domain/time';
import { actorOf } from '../../access/principal';
import { jobIdOf, optional, readAsOf, readPosition, together } from '../../http/parameters';
import type { Route } from '../../http/route';
import { historySchema } from '../../schemas/job-answers';
import { storySchema } from '../../schemas/story';
import { afterParameter, answered, asOfParameter, JOB_ROLES } from '../described';
import type { UnlessHistoryGone } from './gone-job';

export type HistoryDeps = {
  readonly history: Pick<JobHistory, 'events' | 'story'>;
  readonly clock: Clock;
  readonly unlessGone: UnlessHistoryGone;
};

type Told = Pick<Route, 'path' | 'operationId' | 'summary' | 'parameters' | 'answers'> & {
  readonly tell: (
    jobId: string,
    actor: Actor,
    asOf: AsOf | undefined,
  ) => Promise<object | undefined>;
};

/** What the log itself tells of a job, now or as it stood then. */
const toldRoute = ({ clock, unlessGone }: HistoryDeps, { tell, ...told }: Told): Route => ({
  ...told,
  method: 'GET',
  roles: JOB_ROLES,
  late: 'event-log-unavailable',
  handle: async (call) => {
    const read = together({
      jobId: jobIdOf(call),
      after: optional(call, 'after', readPosition),
      asOf: readAsOf(call, clock),
    });
    if ('refusal' in read) return read.refusal;
    const { jobId, asOf } = read.value;
    return await unlessGone(jobId, call, async () => {
      const body = await call.inTime(() => tell(jobId, actorOf(call.principal), asOf));
      return body ? { status: 200, body } : { code: 'job-not-found' };
    });
  },
});

export const historyRoutes = (deps: HistoryDeps): readonly Route[] => [
  toldRoute(deps, {
    path: '/v1/jobs/{jobId}/events',
    operationId: 'getJobHistory',
    summary: 'Read what happened to a job',
    // the log is never behind: nothing waits for `after`
    parameters: [afterParameter, asOfParameter],
    answers: answered('Everything, from the log.', historySchema),
    tell: async (...asked) => {
      const events = await deps.history.events(...asked);
      return events && { events };
    },
  }),
  toldRoute(deps, {
    path: '/v1/jobs/{jobId}/story',
    operationId: 'getJobStory',
    summary: 'Read why a job ran, did not run, or ran late',
    parameters: [asOfParameter],
    answers: answered('Its story, told from the log.', storySchema),
    tell: deps.history.story,
  }),
];
