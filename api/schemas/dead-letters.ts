import { Type } from '@sinclair/typebox';
import { LIMITS } from '../access/limits';
import { timestamp } from './parts';

export const deadLettersSchema = Type.Object(
  {
    causes: Type.Array(
      Type.Object({
        errorCode: Type.String({ description: 'What `errorCode` of a filter selects.' }),
        queue: Type.String(),
        jobs: Type.Integer({ minimum: 1, description: 'How many failed so.' }),
        isCounted: Type.Boolean({
          description: `False when there are more than \`jobs\`: ${LIMITS.deadLetters.counted} are counted, shared among the causes.`,
        }),
        firstAt: timestamp,
        lastAt: timestamp,
        last: Type.Object(
          {
            jobId: Type.String({ format: 'uuid' }),
            ownerId: Type.String(),
            name: Type.String(),
            message: Type.String(),
          },
          { description: 'The one that failed last, and what its error says.' },
        ),
      }),
      { description: 'What failed last comes first.' },
    ),
    isComplete: Type.Boolean({
      description: `False when there are more causes than ${LIMITS.deadLetters.causes}: these are the first by error code and queue.`,
    }),
  },
  { title: 'Dead letters' },
);
