import { useLayoutEffect, useRef, useState } from 'react';
import type { StoryStep } from '../http/answers';
import { count, inZone } from '../time/format';
import { Moment } from '../time/moment';
import { useNow } from '../time/now';
import { useZone } from '../time/zone';

/** A longer story than both is shown in the middle when that is asked for: how it began and how it ends is what one looks for. */
const FIRST = 20;
const LAST = 30;

const Steps = ({ steps }: { readonly steps: readonly StoryStep[] }) => {
  const { zone } = useZone();
  const now = useNow();
  return steps.map(({ revision, time, sentence }) => (
    <li key={revision}>
      <Moment at={time} isExact />
      <p dir="auto">{inZone(sentence, zone, now)}</p>
    </li>
  ));
};

/** What happened, the oldest first, each with who and why. */
export const Told = ({ steps }: { readonly steps: readonly StoryStep[] }) => {
  const list = useRef<HTMLOListElement>(null);
  const [isWhole, setWhole] = useState(false);
  useLayoutEffect(() => {
    const next = list.current?.children[FIRST];
    if (!isWhole || !(next instanceof HTMLElement)) return;
    // the button that had the focus is gone: one reads on where it was
    next.tabIndex = -1;
    next.focus({ preventScroll: true });
  }, [isWhole]);
  const isShown = isWhole || steps.length <= FIRST + LAST;
  return (
    <ol className="story" ref={list}>
      <Steps steps={isShown ? steps : steps.slice(0, FIRST)} />
      {!isShown && (
        <>
          <li>
            <button type="button" className="button button-plain" onClick={() => setWhole(true)}>
              Show all {count(steps.length)} steps
            </button>
          </li>
          <Steps steps={steps.slice(-LAST)} />
        </>
      )}
    </ol>
  );
};
