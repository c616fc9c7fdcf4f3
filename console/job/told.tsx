import type { StoryStep } from '../http/answers';
import { Moment } from '../time/moment';

/** What happened, the oldest first, each with who and why. */
export const Told = ({ steps }: { readonly steps: readonly StoryStep[] }) => (
  <ol className="story">
    {steps.map(({ revision, time, sentence }) => (
      <li key={revision}>
        <Moment at={time} isExact />
        <p dir="auto">{sentence}</p>
      </li>
    ))}
  </ol>
);
