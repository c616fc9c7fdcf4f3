import { hash } from 'node:crypto';
import type { CommandContext } from '../../commands/answers';
import type { SharesContext } from '../../commands/set-shares';
import { actorOf } from '../access/principal';
import { refuse, type Parsed } from './problem';
import type { Call } from './route';
import { isIdempotencyKey } from '../schemas/formats';

const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const ETAG = /^"(\d{1,18})"$/;

const sorted = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;

/** The value as JSON with sorted keys: equal values, equal text. */
const canonicalJson = (value: unknown): string => JSON.stringify(value, sorted);

/** Tells a repeat from another request with the same key: digest of method, path and body. */
export const fingerprintOf = (method: string, path: string, body: unknown): string =>
  hash('sha256', JSON.stringify([method, path, canonicalJson(body)]), 'hex');

const ifMatchOf = (call: Call, isNew: boolean): Parsed<bigint | undefined> => {
  const text = call.header('if-match');
  if (text === undefined) return { value: undefined };
  const revision = ETAG.exec(text)?.[1];
  return revision === undefined || isNew ? refuse('bad-if-match') : { value: BigInt(revision) };
};

/** The Idempotency-Key header. */
export const idempotencyKeyOf = (call: Call): Parsed<string | undefined> => {
  const key = call.header('idempotency-key');
  return key === undefined || isIdempotencyKey(key)
    ? { value: key }
    : refuse('bad-idempotency-key');
};

/** Who asks, without what the request said about repeats and races. */
export const plainContext = ({ principal, requestId, header }: Call): CommandContext => {
  const traceparent = header('traceparent');
  return {
    actor: actorOf(principal),
    correlationId: requestId,
    ...(traceparent !== undefined && TRACEPARENT.test(traceparent) && { traceparent }),
  };
};

/** The context of a command on the shares, whose ETag is `"none"` before the first document. */
export const sharesContext = (call: Call): Parsed<SharesContext> => {
  const { ifMatch: _ofJobs, idempotency: _ofPosts, ...context } = plainContext(call);
  if (call.header('if-match') === '"none"') return { value: { ...context, ifMatch: 'none' } };
  const ifMatch = ifMatchOf(call, false);
  if ('refusal' in ifMatch) return ifMatch;
  return {
    value: { ...context, ...(ifMatch.value !== undefined && { ifMatch: ifMatch.value }) },
  };
};

/** The context of a command on one job: `path` is the canonical one, whatever the spelling of the id. */
export const commandContext = (
  call: Call,
  path: string,
  { isNew }: { readonly isNew: boolean },
): Parsed<CommandContext> => {
  const ifMatch = ifMatchOf(call, isNew);
  if ('refusal' in ifMatch) return ifMatch;
  const key = idempotencyKeyOf(call);
  if ('refusal' in key) return key;
  const context: CommandContext = {
    ...plainContext(call),
    ...(ifMatch.value !== undefined && { ifMatch: ifMatch.value }),
    ...(key.value !== undefined && {
      idempotency: { key: key.value, fingerprint: fingerprintOf(call.method, path, call.body) },
    }),
  };
  return { value: context };
};
