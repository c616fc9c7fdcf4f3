import type { ScheduleRequest } from '../../../commands/job-commands';
import { parseTimestamp } from '../../../domain/time';
import type { RetryPolicy } from '../../../domain/job/definition';
import { LIMITS, type LocationRules } from '../../access/limits';
import { isPrivateTarget, schemeOf } from '../../schemas/location';
import { bodyRefusal, type FieldError, type Parsed } from '../../http/problem';
import { DEFAULT_RETRY, type ScheduleBody } from '../../schemas/job-requests';
import { lengthOf, normalised } from '../../../domain/text';

const retryOf = (asked: ScheduleBody['retry'] = {}): RetryPolicy => {
  const policy = { ...DEFAULT_RETRY, ...asked };
  return asked.maxDelayMs === undefined
    ? { ...policy, maxDelayMs: Math.max(policy.maxDelayMs, policy.initialDelayMs) }
    : policy;
};

/** Reads a timestamp that the schema has let through. */
export const instantOf = (timestamp: string): number => {
  const parsed = parseTimestamp(timestamp);
  if ('problem' in parsed) throw new Error(`the schema let the timestamp ${timestamp} through`);
  return parsed.at;
};

/** What a schema cannot see: `errors` with pointers that begin with `at`. */
const errorsOf = (
  body: ScheduleBody,
  { allowPrivateTargets, locationSchemes }: LocationRules,
  at: string,
): readonly FieldError[] => {
  const errors: FieldError[] = [];
  const { name, tags = [], location, payload } = body;
  // normal form C is longer for a few texts
  if (lengthOf(name) > LIMITS.nameLength) errors.push({ pointer: `${at}/name`, code: 'too-long' });
  tags.forEach((tag, index) => {
    if (lengthOf(tag) > LIMITS.tagLength)
      errors.push({ pointer: `${at}/tags/${index}`, code: 'too-long' });
  });
  if (!locationSchemes.includes(schemeOf(location) ?? ''))
    errors.push({ pointer: `${at}/location`, code: 'bad-location' });
  if (!allowPrivateTargets && isPrivateTarget(location))
    errors.push({ pointer: `${at}/location`, code: 'forbidden-target' });
  if (payload !== undefined && Buffer.byteLength(JSON.stringify(payload)) > LIMITS.payloadBytes)
    errors.push({ pointer: `${at}/payload`, code: 'payload-too-large' });
  return errors;
};

/** A body that fits its schema as a command's request: normalised, defaults filled in. */
export const scheduleRequestOf = (
  asked: ScheduleBody,
  rules: LocationRules,
  at = '',
): Parsed<ScheduleRequest> => {
  const name = normalised(asked.name);
  const tags = [...new Set(asked.tags?.map(normalised))];
  const errors = errorsOf({ ...asked, name, tags }, rules, at);
  if (errors.length > 0) return { refusal: bodyRefusal(errors) };
  const { location, payload, queue, timeoutMs, retry, cutoffMs, maxLatenessMs } = asked;
  const definition = {
    name,
    location,
    ...(payload !== undefined && { payload }),
    queue: queue ?? 'default',
    timeoutMs: timeoutMs ?? 60_000,
    retry: retryOf(retry),
    cutoffMs: cutoffMs ?? 0,
    ...(maxLatenessMs !== undefined && { maxLatenessMs }),
    tags,
  };
  return { value: { definition, dueAt: instantOf(asked.dueAt) } };
};
