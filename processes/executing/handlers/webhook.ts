import type { RequestOptions } from 'node:http';
import { Webhook } from 'standardwebhooks';
import type { Json } from '../../../domain/job/definition';
import { isOmission } from '../../../domain/job/omission';
import { readJson } from '../../../domain/json/read-json';
import { MAX_JSON_LEVELS, type JsonShape } from '../../../domain/json/strict-json';
import { outgoingCalls, type CallAnswer } from '../../calling/outgoing-calls';
import { ForbiddenTarget } from '../../calling/safe-target';
import { signedHeaders } from '../../calling/signed-headers';
import { CALLS_PER_HOST } from '../flow';
import type { Handler, HandlerOutcome, RunnableJob } from '../ports';

export type WebhookOptions = {
  /** Signs every call by Standard Webhooks: `whsec_` and base64. */
  readonly secret: string;
  /** Longest time that a call may take; the job's own limit counts too. By default 30 s. */
  readonly timeoutMs?: number;
  /** Calls private and loopback addresses too: for development, or where every user may do that anyway. */
  readonly allowPrivateTargets?: boolean;
  /** Looks names up; by default the system's resolver. */
  readonly lookup?: RequestOptions['lookup'];
};

const DEFAULT_TIMEOUT_MS = 30_000;
const MAX_BODY_BYTES = 64 * 1_024;
const MAX_RESULT_BYTES = 8 * 1_024;

/** Client errors that another try may well not meet: time-out, too early, too many requests. */
const PASSING_CLIENT_ERRORS: ReadonlySet<number> = new Set([408, 425, 429]);

/** One level is the result's own. */
const bodyShape: JsonShape = { maxLevels: MAX_JSON_LEVELS - 1, freeKeys: 'everywhere' };

/** What of the answer's body goes into the result: all of it, or why JSON was left out; nothing of what is no JSON. */
const partOf = (body: Buffer | undefined): Readonly<Record<string, Json>> => {
  if (!body || body.length === 0 || body.length > MAX_RESULT_BYTES) return {};
  const read = readJson(body, bodyShape);
  const flaw = 'problem' in read ? read.problem : read.findings[0]?.code;
  if (flaw !== undefined) return isOmission(flaw) ? { omitted: flaw } : {};
  return 'value' in read ? { body: read.value as Json } : {}; // what JSON.parse gives is JSON
};

const outcomeOf = ({ status, body, isWhole }: CallAnswer): HandlerOutcome => {
  if (status >= 200 && status < 300)
    return { status: 'succeeded', result: { status, ...partOf(isWhole ? body : undefined) } };
  const isFinal = status >= 400 && status < 500 && !PASSING_CLIENT_ERRORS.has(status);
  const error = { code: `http-${status}`, message: `the location answered ${status}` };
  return { status: 'failed', error, retryable: !isFinal };
};

const bodyOf = ({ jobId, attempt, ownerId, name, dueAt, payload }: RunnableJob): string =>
  JSON.stringify({ jobId, attempt, ownerId, name, dueAt, payload });

const forbidden = (message: string): HandlerOutcome => ({
  status: 'failed',
  error: { code: 'forbidden-target', message },
  retryable: false,
});

/**
 * Runs `https:` and `http:` jobs: one signed POST to the location. Success is a 2xx; redirects are not
 * followed and no proxy is asked. The `webhook-id` is the same whenever an attempt is sent again.
 */
export const webhookHandler = (options: WebhookOptions): Handler => {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, allowPrivateTargets = false, lookup } = options;
  const webhook = new Webhook(options.secret);
  const post = outgoingCalls({
    ...{ callsPerHost: CALLS_PER_HOST, timeoutMs, maxBodyBytes: MAX_BODY_BYTES },
    ...{ allowPrivateTargets, ...(lookup && { lookup }) },
  });

  return async (job, signal) => {
    if (!URL.canParse(job.location)) return forbidden('the location is no URL');
    const limit = AbortSignal.timeout(timeoutMs);
    const body = bodyOf(job);
    const headers = signedHeaders([webhook], `${job.jobId}/${job.attempt}`, new Date(), body);
    try {
      const either = AbortSignal.any([signal, limit]);
      return outcomeOf(await post(new URL(job.location), { headers, body }, either));
    } catch (error) {
      if (error instanceof ForbiddenTarget) return forbidden(error.message);
      if (signal.aborted) throw error;
      const code = limit.aborted ? 'http-timeout' : 'http-unreachable';
      const message = error instanceof Error ? error.message : String(error);
      return { status: 'failed', error: { code, message } };
    }
  };
};
