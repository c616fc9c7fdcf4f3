import { setTimeout as sleep } from 'node:timers/promises';

export type Answer<Body = Job & Listing & History> = {
  readonly status: number;
  readonly body: Body & Problem;
};
export type Job = {
  readonly jobId: string;
  readonly name: string;
  readonly ownerId: string;
  readonly status: string;
  readonly dueAt: string;
  readonly startedAt: string | null;
  readonly latenessMs: number | null;
  readonly attempt: number;
  readonly position: string;
  readonly occurrenceAt?: string;
};
type Problem = { readonly type: string; readonly title: string; readonly detail?: string };
type Listing = { readonly items: readonly Job[] };
type History = {
  readonly events: readonly {
    readonly type: string;
    readonly time: string;
    readonly revision: number;
    readonly actor: { readonly kind: string; readonly id: string };
    readonly data: unknown;
  }[];
};

export type Client = {
  readonly get: <Body = Answer['body']>(path: string) => Promise<Answer<Body>>;
  /** Asks again after an answer that says "not now", with the same key: it happens once. */
  readonly post: <Body = Answer['body']>(path: string, body: object) => Promise<Answer<Body>>;
};

/** A user of the API: nothing but HTTP. */
export const client = (httpUrl: string, apiKey: string): Client => {
  const request = async <Body>(
    method: string,
    path: string,
    body?: object,
  ): Promise<Answer<Body>> => {
    const key = crypto.randomUUID();
    for (let tries = 1; ; tries++) {
      const response = await fetch(`${httpUrl}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${apiKey}`,
          ...(body && { 'content-type': 'application/json', 'idempotency-key': key }),
        },
        ...(body && { body: JSON.stringify(body) }),
      });
      const answer = {
        status: response.status,
        body: (await response.json()) as Answer<Body>['body'],
      };
      if (response.status < 500 || tries === 20) return answer;
      await sleep(250);
    }
  };
  return {
    get: (path) => request('GET', path),
    post: (path, body) => request('POST', path, body),
  };
};
