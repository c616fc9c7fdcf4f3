import { Choices } from '../frame/choices';
import { GAP, hintOf, MISSED, OVERLAP, STILL_RUNNING, type Policies } from './policies';

type PolicyFieldsProps = {
  readonly policies: Policies;
  readonly onChange: (change: Partial<Policies>) => void;
};

/** What becomes of runs at changes of clocks, after outages, and beside each other. */
export const PolicyFields = ({ policies, onChange }: PolicyFieldsProps) => (
  <>
    <Choices
      label="When clocks leave its hour out"
      options={GAP}
      value={policies.gap}
      onChange={(gap) => onChange({ gap })}
      hint={hintOf(GAP, policies.gap)}
    />
    <Choices
      label="When clocks show its hour twice"
      options={OVERLAP}
      value={policies.overlap}
      onChange={(overlap) => onChange({ overlap })}
      hint={hintOf(OVERLAP, policies.overlap)}
    />
    <Choices
      label="If the last run is still going"
      options={STILL_RUNNING}
      value={policies.whenStillRunning}
      onChange={(whenStillRunning) => onChange({ whenStillRunning })}
      hint={hintOf(STILL_RUNNING, policies.whenStillRunning)}
    />
    <Choices
      label="If nothing ran for a while"
      options={MISSED}
      value={policies.missed}
      onChange={(missed) => onChange({ missed })}
      hint={hintOf(MISSED, policies.missed)}
    />
  </>
);
