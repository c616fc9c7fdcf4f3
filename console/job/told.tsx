import type { StoryStep } from '../http/answers';
import { inZone } from '../time/format';
import { Moment } from '../time/moment';
import { useNow } from '../time/now';
import { useZone } from '../time/zone';

/** What happened, the oldest first, each with who and why. */
export const Told = ({ steps }: { readonly steps: readonly StoryStep[] }) => {
  const { zone } = useZone();
  const now = useNow();
  return (
    <ol className="story">
      {steps.map(({ revision, time, sentence }) => (
        <li key={revision}>
          <Moment at={time} isExact />
          <p dir="auto">{inZone(sentence, zone, now)}</p>
        </li>
      ))}
    </ol>
  );
};
