import { apiUrl } from '../http/client';
import { unreachable } from '../http/problem';
import { sessionStore } from '../http/session';
import { count, span } from '../time/format';

/** One thing that `/readyz` looks at. */
export type Condition = {
  readonly name: string;
  readonly status: 'ok' | 'warn' | 'fail';
  readonly detail?: Readonly<Record<string, unknown>>;
};

export type Readiness = { readonly status: string; readonly conditions: readonly Condition[] };

/** What is looked at; it answers 503 with the same words when it is not ready. @throws Problem */
export const readReadiness = async (signal: AbortSignal): Promise<Readiness> => {
  const token = sessionStore.current()?.token;
  try {
    const response = await fetch(apiUrl('readyz'), {
      cache: 'no-store',
      credentials: 'omit',
      signal,
      // operators are told what was seen
      ...(token !== undefined && { headers: { Authorization: `Bearer ${token}` } }),
    });
    return (await response.json()) as Readiness; // as docs/operations.md describes it
  } catch (error) {
    if (signal.aborted) throw error;
    throw unreachable();
  }
};

const WORDS: Readonly<Record<string, string>> = {
  'event-log': 'The event log takes no events',
  'read-model': 'The read model does not answer',
  'read-model-writes': 'The read model takes no writes',
  'same-log': 'The read model is not of this log',
  projection: 'The read model is behind the log',
  'parked-streams': 'Streams are parked',
  'partitions-ahead': 'A table has no room for what comes',
  'queues-served': 'No executor takes the jobs of some queues',
  processes: 'Processes do not work',
  clocks: 'Clocks disagree',
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const textOf = (value: unknown): string => {
  if (Array.isArray(value)) return value.map(textOf).join('; ');
  if (isRecord(value))
    return Object.entries(value)
      .map(([name, one]) => `${name} ${textOf(one)}`)
      .join(', ');
  return String(value);
};

const whyOf = ({ name, detail = {} }: Condition): string => {
  const { reason, lagEvents, lagMs, queues, count: many } = detail;
  if (name === 'projection' && typeof lagEvents === 'number' && typeof lagMs === 'number')
    return `by ${count(lagEvents)} events, ${span(lagMs)}`;
  if (name === 'parked-streams' && typeof many === 'number') return `${count(many)} of them`;
  if (Array.isArray(queues))
    return queues.map((one: unknown) => (isRecord(one) ? String(one['queue']) : '')).join(', ');
  return typeof reason === 'string' ? reason : textOf(detail);
};

/** What is wrong and why, in a sentence. */
export const sentenceOf = (condition: Condition): string => {
  const why = whyOf(condition);
  const what = WORDS[condition.name] ?? condition.name;
  return why === '' ? what : `${what}: ${why}`;
};
