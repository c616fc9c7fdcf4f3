import { preview } from '../../../domain/schedule/timing/answers/preview';
import { LIMITS } from '../../access/limits';
import type { Route } from '../../http/route';
import { previewSchema } from '../../schemas/schedule-answers';
import { previewBody } from '../../schemas/schedule-requests';
import { validator } from '../../schemas/validation';
import { answered, JOB_ROLES } from '../described';
import { instantOf } from '../jobs/request';
import type { SchedulesDeps } from './deps';
import { compiledRule, sharing } from './request';

const check = validator(previewBody);
const DEFAULT_COUNT = 5;

export const previewRoute = ({
  zones,
  clock,
  share,
}: Pick<SchedulesDeps, 'zones' | 'clock' | 'share'>): Route => ({
  method: 'POST',
  path: '/v1/schedules/preview',
  operationId: 'previewSchedule',
  summary: 'See what a timing means before it is kept',
  roles: JOB_ROLES,
  body: {
    schema: previewBody,
    maxBytes: LIMITS.bodyBytes,
    shape: { freeKeys: { payloadLevel: 0 }, maxLevels: LIMITS.nestingLevels },
  },
  answers: answered(
    'The next occurrences, what is left out between them, and how the text was read.',
    previewSchema,
  ),
  late: 'never',
  handle: (call) => {
    const asked = check(call.body);
    if ('refusal' in asked) return Promise.resolve(asked.refusal);
    const { from, count = DEFAULT_COUNT, ...rule } = asked.value;
    const after = from === undefined ? clock.now() : instantOf(from);
    const read = sharing(share, call, () => {
      const compiled = compiledRule(rule, zones, after);
      return 'refusal' in compiled
        ? compiled
        : { value: preview(compiled.value.timing, after, count) };
    });
    return Promise.resolve('refusal' in read ? read.refusal : { status: 200, body: read.value });
  },
});
