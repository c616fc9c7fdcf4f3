import { isObject } from '../../../domain/events/fields';
import type { Verification } from '../../../domain/system/verification';

/** Some hundred bytes: a violation may be long, and is none of these. */
const MOST_CHARACTERS = 4_096;

const isToldIn = (line: string): boolean =>
  line.length <= MOST_CHARACTERS && /^\{"kind":"(?:summary|seals)"/.test(line);

/**
 * What the lines of a verification come to.
 *
 * @param asked  the window, and what was to be left out
 * @param lines  those that it told
 * @returns undefined when it did not come to its end
 */
export const verificationIn = (
  asked: unknown,
  lines: readonly string[],
): Verification | undefined => {
  const told = new Map<unknown, Readonly<Record<string, unknown>>>();
  for (const line of lines) {
    const fields: unknown = JSON.parse(line);
    if (isObject(fields)) told.set(fields['kind'], fields);
  }
  const summary = told.get('summary');
  if (!summary) return undefined;
  const { position } = summary;
  const head = told.get('seals')?.['head'];
  const { from, to, noReadModel, noNats } = isObject(asked) ? asked : {};
  return {
    ...(typeof from === 'string' && { from }),
    ...(typeof to === 'string' && { to }),
    ...(typeof position === 'string' && { position }),
    events: Number(summary['events']),
    violations: Number(summary['violations']),
    gone: Number(summary['gone']),
    ...(typeof head === 'string' && { sealHead: head }),
    ...(noReadModel === true && { noReadModel }),
    ...(noNats === true && { noNats }),
  };
};

/** Keeps of the lines of a verification those that tell how it ended. */
export const endingLines = () => {
  const lines: string[] = [];
  return {
    hear: (line: string): void => {
      if (isToldIn(line)) lines.push(line);
    },
    lines: (): readonly string[] => lines,
  };
};
