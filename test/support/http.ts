import { toTimestamp } from '../../domain/time';
import type { JobView } from '../../domain/job/view';
import { until } from './until';

export type HttpAnswer = {
  readonly status: number;
  readonly headers: Headers;
  /** Loosely typed on purpose: a test says what it expects of an answer, job or problem. */
  readonly body: Partial<JobView> & {
    readonly type?: string;
    readonly instance?: string;
    readonly requestId?: string;
    readonly position?: string;
    readonly warnings?: readonly { readonly code: string; readonly jobs: number }[];
    readonly items?: readonly JobView[];
    readonly nextCursor?: string;
    readonly results?: readonly {
      readonly status: number;
      readonly job?: JobView & { readonly position: string };
      readonly problem?: { readonly type: string };
      readonly isReplay?: boolean;
    }[];
    readonly events?: readonly {
      readonly type: string;
      readonly data: Readonly<Record<string, unknown>>;
      readonly actor: { readonly kind: string; readonly id: string };
      readonly revision: number;
      readonly position: string;
    }[];
    readonly links?: Readonly<Record<string, string>>;
    readonly checks?: Readonly<Record<string, unknown>>;
  };
};

export type HttpUser = {
  readonly get: (path: string) => Promise<HttpAnswer>;
  readonly post: (
    path: string,
    body?: object,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<HttpAnswer>;
  readonly put: (path: string, body: object) => Promise<HttpAnswer>;
  readonly remove: (path: string) => Promise<HttpAnswer>;
  /** Schedules a `print:` job and gives its id. @throws Error when it is not accepted */
  readonly schedule: (dueAt: number, more?: object) => Promise<string>;
  readonly untilStatus: (jobId: string, ...statuses: readonly string[]) => Promise<JobView>;
  /** All of them, one after the other: hundred who ask for one job each would take the cores from what they watch. The status must be one that stays. */
  readonly untilAll: (
    jobIds: readonly string[],
    ...statuses: readonly string[]
  ) => Promise<readonly JobView[]>;
  readonly eventTypes: (jobId: string) => Promise<readonly string[]>;
};

export const httpUser = (httpUrl: string, key: string): HttpUser => {
  const request = async (method: string, path: string, init: RequestInit): Promise<HttpAnswer> => {
    const response = await fetch(`${httpUrl}${path}`, {
      ...init,
      method,
      headers: { authorization: `Bearer ${key}`, ...(init.headers as Record<string, string>) },
    });
    const body = (await response.json()) as HttpAnswer['body'];
    return { status: response.status, headers: response.headers, body };
  };
  const user: HttpUser = {
    get: (path) => request('GET', path, {}),
    post: (path, body = {}, headers = {}) =>
      request('POST', path, {
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    put: (path, body) =>
      request('PUT', path, {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    remove: (path) => request('DELETE', path, {}),
    schedule: async (dueAt, more = {}) => {
      const answer = await user.post('/v1/jobs', {
        name: 'a job',
        dueAt: toTimestamp(dueAt),
        location: 'print:',
        ...more,
      });
      const { jobId } = answer.body;
      if (answer.status !== 201 || jobId === undefined)
        throw new Error(JSON.stringify(answer.body));
      return jobId;
    },
    untilStatus: (jobId, ...statuses) =>
      until<JobView>(
        async () => {
          const { body } = await user.get(`/v1/jobs/${jobId}`);
          // one that has a status is a whole job
          return statuses.includes(body.status ?? '') ? (body as JobView) : undefined;
        },
        { what: `job ${jobId} is ${statuses.join(' or ')}` },
      ),
    untilAll: async (jobIds, ...statuses) => {
      const jobs: JobView[] = [];
      for (const jobId of jobIds) jobs.push(await user.untilStatus(jobId, ...statuses));
      return jobs;
    },
    eventTypes: async (jobId) => {
      const { body } = await user.get(`/v1/jobs/${jobId}/events`);
      return (body.events ?? []).map(({ type }) => type);
    },
  };
  return user;
};
