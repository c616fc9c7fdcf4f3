import type { Schedule } from '../http/answers';

/** Each choice in words, with what it means. */
export const GAP = [
  {
    value: 'auto',
    label: 'As fits',
    hint: 'Fixed hours move past the gap, every-so-often ones are left out.',
  },
  { value: 'shift', label: 'Move past the gap', hint: 'It runs as much later as clocks jump.' },
  { value: 'gap-end', label: 'At its end', hint: 'It runs the moment clocks have jumped.' },
  { value: 'skip', label: 'Skip', hint: 'It does not run that day.' },
] as const;

export const OVERLAP = [
  {
    value: 'auto',
    label: 'As fits',
    hint: 'Fixed hours run the first time, every-so-often ones both times.',
  },
  { value: 'first', label: 'First', hint: 'It runs the first time that clocks show it.' },
  { value: 'second', label: 'Second', hint: 'It runs the second time that clocks show it.' },
  { value: 'both', label: 'Both', hint: 'It runs twice that day.' },
] as const;

export const STILL_RUNNING = [
  { value: 'allow', label: 'Start anyway', hint: 'Two runs may go on at once.' },
  { value: 'skip', label: 'Skip', hint: 'What comes meanwhile is left out.' },
  {
    value: 'buffer-one',
    label: 'Wait, one at most',
    hint: 'The first that comes starts when the run has ended.',
  },
  {
    value: 'cancel-other',
    label: 'Stop the old one',
    hint: 'The run is asked to stop, and the newest starts then.',
  },
] as const;

export const MISSED = [
  {
    value: 'skip',
    label: 'Skip what was missed',
    hint: 'What is more than a minute late does not run.',
  },
  { value: 'fire-once', label: 'Run once', hint: 'The newest one runs as soon as it can.' },
  {
    value: 'fire-all',
    label: 'Run the last ten',
    hint: 'Up to ten of them run, the oldest first.',
  },
] as const;

export type Policies = {
  readonly gap: (typeof GAP)[number]['value'];
  readonly overlap: (typeof OVERLAP)[number]['value'];
  readonly whenStillRunning: (typeof STILL_RUNNING)[number]['value'];
  readonly missed: (typeof MISSED)[number]['value'];
};

export const usualPolicies: Policies = {
  gap: 'auto',
  overlap: 'auto',
  whenStillRunning: 'allow',
  missed: 'fire-once',
};

export const hintOf = (
  options: readonly { readonly value: string; readonly hint: string }[],
  value: string,
): string | undefined => options.find((option) => option.value === value)?.hint;

/** As the API takes it; nothing where its own choice is wanted. */
export const clockChangeOf = ({ gap, overlap }: Policies) => {
  const change = {
    ...(gap !== 'auto' && { gap }),
    ...(overlap !== 'auto' && { overlap }),
  };
  return Object.keys(change).length > 0 ? { clockChange: change } : {};
};

const FIRE_ALL = 10;

export const whenMissedOf = ({ missed }: Policies) => ({
  policy: missed,
  ...(missed === 'fire-all' && { limit: FIRE_ALL }),
});

/** Those of a schedule that there is. */
export const policiesOf = ({ clockChange, whenStillRunning, whenMissed }: Schedule): Policies => ({
  gap: clockChange?.gap ?? 'auto',
  overlap: clockChange?.overlap ?? 'auto',
  whenStillRunning: whenStillRunning ?? 'allow',
  missed: whenMissed?.policy ?? 'fire-once',
});
