import type { ReactNode } from 'react';
import { Choices } from '../frame/choices';
import type { Schedule } from '../http/answers';
import type { ClockChange } from '../time/clock-change';
import { useNow } from '../time/now';
import {
  atGap,
  atOverlap,
  isElapsing,
  whenMeeting,
  whenMissing,
  type AtChange,
  type Told,
} from './consequences';
import { GAP, hintOf, MISSED, OVERLAP, STILL_RUNNING, type Policies } from './policies';
import { usePreview, type Rule } from './use-preview';

const MINUTE_MS = 60_000;

type PolicyProps = { readonly children: ReactNode; readonly consequence: string | undefined };

/** A choice and, below it, what it comes to for the rule; as high while that is asked. */
const Policy = ({ children, consequence }: PolicyProps) => (
  <div>
    {children}
    <p className="hint consequence">{consequence}</p>
  </div>
);

type Around = ReturnType<typeof usePreview>['forward'];

const atChange = (
  change: ClockChange | undefined,
  around: Around,
  rule: Rule,
  tell: (around: AtChange, told: Told) => string,
  now: number,
): string | undefined => {
  const zone = rule.timeZone;
  if (isElapsing(rule.timing)) return 'It counts the time that passes: clocks change nothing.';
  if (!change) return `Clocks of ${zone} do not do so in the coming year.`;
  if (!around.data || around.isPlaceholderData) return undefined;
  return tell({ change, found: around.data }, { zone, now });
};

type PolicyFieldsProps = {
  readonly policies: Policies;
  readonly rule: Rule;
  /** Whether it is the rule that would be sent: not yet, while somebody writes. */
  readonly isWritten: boolean;
  readonly whenMissed: NonNullable<Schedule['whenMissed']>;
  readonly onChange: (change: Partial<Policies>) => void;
};

/** What becomes of runs at changes of clocks, after outages, and beside each other. */
export const PolicyFields = (props: PolicyFieldsProps) => {
  const { policies, rule, isWritten, whenMissed, onChange } = props;
  const now = Math.floor(useNow() / MINUTE_MS) * MINUTE_MS;
  const { next, changes, forward, back } = usePreview(rule);
  const told = { zone: rule.timeZone, now };
  const isTold = isWritten && !next.error;
  const due = isTold && !next.isPlaceholderData ? next.data?.occurrences : undefined;
  return (
    <>
      <Policy
        consequence={isTold ? atChange(changes.forward, forward, rule, atGap, now) : undefined}
      >
        <Choices
          label="When clocks leave its hour out"
          options={GAP}
          value={policies.gap}
          onChange={(gap) => onChange({ gap })}
          hint={hintOf(GAP, policies.gap)}
        />
      </Policy>
      <Policy consequence={isTold ? atChange(changes.back, back, rule, atOverlap, now) : undefined}>
        <Choices
          label="When clocks show its hour twice"
          options={OVERLAP}
          value={policies.overlap}
          onChange={(overlap) => onChange({ overlap })}
          hint={hintOf(OVERLAP, policies.overlap)}
        />
      </Policy>
      <Policy consequence={due && whenMeeting(policies.whenStillRunning, due, told)}>
        <Choices
          label="If the last run is still going"
          options={STILL_RUNNING}
          value={policies.whenStillRunning}
          onChange={(whenStillRunning) => onChange({ whenStillRunning })}
          hint={hintOf(STILL_RUNNING, policies.whenStillRunning)}
        />
      </Policy>
      <Policy consequence={due && whenMissing(whenMissed, due, told)}>
        <Choices
          label="If nothing ran for a while"
          options={MISSED}
          value={policies.missed}
          onChange={(missed) => onChange({ missed })}
          hint={hintOf(MISSED, policies.missed)}
        />
      </Policy>
    </>
  );
};
