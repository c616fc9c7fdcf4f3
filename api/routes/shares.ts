import { Type } from '@sinclair/typebox';
import type { CurrentShares, SharesAnswer, SharesContext } from '../../commands/set-shares';
import type { QueueShare, Shares } from '../../domain/shares/shares';
import type { QueueStates } from '../../projections/queries/queues';
import { RETRY_AFTER } from '../http/failures';
import { etagOf } from './jobs/answers';
import { LIMITS } from '../access/limits';
import { together } from '../http/parameters';
import { sharesContext } from '../http/preconditions';
import type { Route } from '../http/route';
import { lagHeader, lagHeaderAnswer, type QueryFreshness } from '../http/staleness';
import { queuesSchema, sharesSchema } from '../schemas/shares';
import { validator } from '../schemas/validation';
import { answered, parameter } from './described';

export type SharesDeps = {
  readonly current: () => Promise<CurrentShares>;
  readonly set: (shares: Shares, context: SharesContext) => Promise<SharesAnswer>;
};

export type QueuesDeps = {
  readonly states: QueueStates;
  /** The limits in force, by queue. */
  readonly limits: () => Promise<(queue: string) => QueueShare>;
};

type QueuesRouteDeps = QueuesDeps & { readonly freshness: Pick<QueryFreshness, 'lag'> };

const OPERATORS = ['operator'] as const;

const documentAnswer = (description: string) =>
  answered(description, sharesSchema, {
    headers: { ETag: 'The revision of the document; "none" before the first one.' },
  });

const documentOf = ({ shares, revision }: CurrentShares) => ({
  status: 200,
  body: shares,
  headers: { ETag: etagOf(revision ?? 'none') },
});

const ifMatchHeader = parameter(
  'If-Match',
  'The ETag of the document: replace this one or none. "none" is the first one.',
  Type.String({ pattern: '^"([0-9]+|none)"$', examples: ['"7"'] }),
);

const getSharesRoute = ({ current }: SharesDeps): Route => ({
  method: 'GET',
  path: '/v1/shares',
  operationId: 'getShares',
  summary: 'Read what queues and owners may have at once',
  roles: OPERATORS,
  answers: documentAnswer('The document, as PUT takes it.'),
  late: 'event-log-unavailable',
  handle: async ({ inTime }) => documentOf(await inTime(current)),
});

const check = validator(sharesSchema);

const putSharesRoute = ({ set }: SharesDeps): Route => ({
  method: 'PUT',
  path: '/v1/shares',
  operationId: 'setShares',
  summary: 'Replace what queues and owners may have at once',
  roles: OPERATORS,
  requestHeaders: [ifMatchHeader],
  body: {
    schema: sharesSchema,
    maxBytes: LIMITS.bodyBytes,
    shape: { freeKeys: { payloadLevel: 0 }, maxLevels: LIMITS.nestingLevels },
  },
  answers: documentAnswer('It is in the log; dispatchers follow it within some seconds.'),
  late: 'outcome-unknown',
  handle: async (call) => {
    const read = together({ context: sharesContext(call), shares: check(call.body) });
    if ('refusal' in read) return read.refusal;
    const { context, shares } = read.value;
    const answer = await call.inTime(() => set(shares, context));
    switch (answer.outcome) {
      case 'accepted':
        return documentOf(answer);
      case 'rejected': {
        const { code, revision } = answer.rejection;
        return { code, headers: { ETag: etagOf(revision ?? 'none') } };
      }
      case 'contended':
        return { code: 'contended', headers: RETRY_AFTER };
    }
  },
});

const queuesRoute = ({ states, limits, freshness }: QueuesRouteDeps): Route => ({
  method: 'GET',
  path: '/v1/queues',
  operationId: 'listQueues',
  summary: 'Read what queues have, wait for and may have',
  roles: OPERATORS,
  answers: answered(
    'Each queue with executors, jobs that are due or under way, or starts in the last minute.',
    queuesSchema,
    { headers: lagHeaderAnswer },
  ),
  late: 'read-model-unavailable',
  handle: async ({ inTime }) => {
    const [{ queues, isBacklogCut }, limitsOf] = await Promise.all([
      inTime(() => states.list(LIMITS.queuesTold)),
      inTime(limits, 'event-log-unavailable'),
    ]);
    return {
      status: 200,
      body: {
        queues: queues.map(({ oldestWaitMs = null, budget = null, ...state }) => ({
          ...state,
          budget,
          oldestWaitMs,
          limits: limitsOf(state.queue),
        })),
        isBacklogCut,
      },
      headers: lagHeader(freshness.lag()?.ms),
    };
  },
});

/** What operators see and set of queues and owners. */
export const sharesRoutes = (shares: SharesDeps, queues: QueuesRouteDeps): readonly Route[] => [
  getSharesRoute(shares),
  putSharesRoute(shares),
  queuesRoute(queues),
];
