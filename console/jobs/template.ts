import type { Job, Schedule } from '../http/answers';

/** What runs, as the fields of a form have it. */
export type Template = {
  readonly location: string;
  readonly queue: string;
  readonly tags: readonly string[];
  readonly timeoutS: number | string;
  readonly maxAttempts: number | string;
  readonly payload: string;
};

export const emptyTemplate: Template = {
  location: 'print:',
  queue: 'default',
  tags: [],
  timeoutS: 60,
  maxAttempts: 3,
  payload: '',
};

export const templateOf = ({
  location,
  queue,
  tags,
  timeoutMs,
  retry,
  payload,
}: Pick<Job, 'location' | 'queue' | 'tags' | 'timeoutMs' | 'payload'> & {
  readonly retry: Pick<Job['retry'], 'maxAttempts'>;
}): Template => ({
  ...{ location, queue, tags, timeoutS: timeoutMs / 1_000, maxAttempts: retry.maxAttempts },
  payload: payload === undefined ? '' : JSON.stringify(payload, undefined, 2),
});

export const payloadProblem = ({ payload }: Template): string | undefined => {
  if (payload.trim() === '') return undefined;
  try {
    JSON.parse(payload);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : 'This is no JSON.';
  }
};

/** As the API takes it. */
export const bodyOf = (template: Template): Schedule['job'] => ({
  location: template.location.trim(),
  queue: template.queue.trim() === '' ? 'default' : template.queue.trim(),
  timeoutMs: Math.round(Number(template.timeoutS) * 1_000),
  retry: { maxAttempts: Number(template.maxAttempts) },
  tags: [...template.tags],
  ...(template.payload.trim() !== '' && { payload: JSON.parse(template.payload) as never }), // any JSON may be one
});
