import { setTimeout as sleep } from 'node:timers/promises';

export type Answer = { readonly status: number; readonly body: Job & Problem & Listing & History };
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
  readonly get: (path: string) => Promise<Answer>;
  /** Asks again after an answer that says "not now", with the same key: it happens once. */
  readonly post: (path: string, body: object) => Promise<Answer>;
};

/** A user of the API: nothing but HTTP. */
export const client = (httpUrl: string, apiKey: string): Client => {
  const request = async (method: string, path: string, body?: object): Promise<Answer> => {
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
      const answer = { status: response.status, body: (await response.json()) as Answer['body'] };
      if (response.status < 500 || tries === 20) return answer;
      await sleep(250);
    }
  };
  return {
    get: (path) => request('GET', path),
    post: (path, body) => request('POST', path, body),
  };
};
