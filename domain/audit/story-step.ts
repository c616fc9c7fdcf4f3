import type { Actor, EventMetadata } from '../events/metadata';
import { toTimestamp, type Instant, type Timestamp } from '../time';
import { duration, sentence, utc } from './phrases';
import type { Wait } from './waiting';

/** What of an event's metadata a story tells. */
export type ToldMetadata = Pick<EventMetadata, 'actor' | 'commandId' | '$causationId'>;

export type StoryStep<Type extends string> = {
  readonly time: Timestamp;
  readonly type: Type;
  readonly sentence: string;
  readonly actor: Actor;
  readonly commandId: string;
  readonly causationId: string;
  readonly revision: number;
  /** A string, for JSON has no bigint. */
  readonly position: string;
  /** What it had waited for since the step before. */
  readonly waitedFor: readonly Wait[];
  /** How long after the due time a dispatch, a start or an expiry came; null for all other steps. */
  readonly lateMs: number | null;
};

type Fact<Type extends string> = {
  readonly type: Type;
  readonly at: Instant;
  readonly revision: bigint;
  readonly position: bigint;
  readonly metadata: ToldMetadata;
};

/** @param text  what the event says, without capital and full stop */
export const storyStep = <Type extends string>(
  { type, at, revision, position, metadata }: Fact<Type>,
  text: string,
  { waitedFor, lateMs }: Pick<StoryStep<Type>, 'waitedFor' | 'lateMs'>,
): StoryStep<Type> => ({
  time: toTimestamp(at),
  type,
  sentence: sentence(text),
  actor: metadata.actor,
  commandId: metadata.commandId,
  causationId: metadata.$causationId,
  revision: Number(revision),
  position: String(position),
  waitedFor,
  lateMs,
});

const waitText = ({ for: what, ms }: Wait): string => `${duration(ms)} for ${what}`;

const stepLine = ({ time, sentence: said, waitedFor }: StoryStep<string>): string => {
  const waits = waitedFor.length === 0 ? '' : ` (waited ${waitedFor.map(waitText).join(', ')})`;
  return `${utc(Date.parse(time))}  ${said}${waits}`;
};

/** A whole story for people. */
export const storyText = (head: string, steps: readonly StoryStep<string>[]): string =>
  [head, '', ...steps.map(stepLine)].join('\n');
