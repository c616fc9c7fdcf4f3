import type { ScheduleRequest } from '../../../commands/job-commands';
import { parseTimestamp } from '../../../domain/time';
import type { RetryPolicy } from '../../../domain/job/definition';
import type { JobTemplate } from '../../../domain/schedule/definition';
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

type AskedTemplate = Omit<ScheduleBody, 'name' | 'dueAt'>;

/** What a schema cannot see: `errors` with pointers that begin with `at`. */
const templateErrors = (
  { tags = [], location, payload }: AskedTemplate,
  { allowPrivateTargets, locationSchemes }: LocationRules,
  at: string,
): readonly FieldError[] => {
  const errors: FieldError[] = [];
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

/** A name that the schema has let through; normal form C is longer for a few texts. */
export const nameErrors = (name: string, at: string): readonly FieldError[] =>
  lengthOf(name) > LIMITS.nameLength ? [{ pointer: `${at}/name`, code: 'too-long' }] : [];

/** What a job is, as a command asks for it: normalised, defaults filled in; and what is wrong with it. */
export const templateOf = (
  asked: AskedTemplate,
  rules: LocationRules,
  at: string,
): { readonly template: JobTemplate; readonly errors: readonly FieldError[] } => {
  const tags = [...new Set(asked.tags?.map(normalised))];
  const { location, payload, queue, timeoutMs, retry, cutoffMs, maxLatenessMs } = asked;
  return {
    template: {
      location,
      ...(payload !== undefined && { payload }),
      queue: queue ?? 'default',
      timeoutMs: timeoutMs ?? 60_000,
      retry: retryOf(retry),
      cutoffMs: cutoffMs ?? 0,
      ...(maxLatenessMs !== undefined && { maxLatenessMs }),
      tags,
    },
    errors: templateErrors({ ...asked, tags }, rules, at),
  };
};

/** A body that fits its schema as a command's request. */
export const scheduleRequestOf = (
  asked: ScheduleBody,
  rules: LocationRules,
  at = '',
): Parsed<ScheduleRequest> => {
  const name = normalised(asked.name);
  const { template, errors } = templateOf(asked, rules, at);
  const all = [...nameErrors(name, at), ...errors];
  if (all.length > 0) return { refusal: bodyRefusal(all) };
  return { value: { definition: { name, ...template }, dueAt: instantOf(asked.dueAt) } };
};
