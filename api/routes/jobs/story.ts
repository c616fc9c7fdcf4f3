import type { JobHistory } from '../../../commands/job-history';
import type { Clock } from '../../../domain/time';
import { readAsOf } from '../../http/as-of';
import type { UnlessHistoryGone } from './gone-job';
import { readId } from '../../http/parameters';
import { actorOf } from '../../access/principal';
import type { Route } from '../../http/route';
import { storySchema } from '../../schemas/story';
import { asOfParameter, JOB_ROLES } from '../described';

export const storyRoute = (
  history: Pick<JobHistory, 'story'>,
  clock: Clock,
  unlessGone: UnlessHistoryGone,
): Route => ({
  method: 'GET',
  path: '/v1/jobs/{jobId}/story',
  operationId: 'getJobStory',
  summary: 'Read why a job ran, did not run, or ran late',
  roles: JOB_ROLES,
  produces: 'application/json',
  parameters: [asOfParameter],
  answers: [{ status: 200, description: 'Its story, told from the log.', schema: storySchema }],
  handle: async (call) => {
    const id = readId(call.params['jobId'] ?? '', 'jobId');
    if ('refusal' in id) return id.refusal;
    const asOf = readAsOf(call, clock);
    if ('refusal' in asOf) return asOf.refusal;
    return await unlessGone(id.value, call.principal, async () => {
      const story = await history.story(id.value, actorOf(call.principal), asOf.value);
      return story ? { status: 200, body: story } : { code: 'job-not-found' };
    });
  },
});
