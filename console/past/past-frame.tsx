import { useEffect, useState, type ReactNode } from 'react';
import { serverNow } from '../time/clock';
import { span } from '../time/format';
import { Then, useNow } from '../time/now';

const QUIET_MS = 150;
const TELL_MS = 2_000;

/** Says that it takes its time, and how long it has been. */
const Reading = () => {
  const [since] = useState(serverNow);
  const [isLong, setLong] = useState(false);
  const now = useNow();
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), QUIET_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!isLong) return null;
  const forMs = now - since;
  return (
    <>
      <progress aria-label="Reading the log" />
      {forMs < TELL_MS
        ? 'Reading'
        : `Reads what had happened by then from the log, for ${span(forMs)}; a moment without snapshots near by takes longest`}
    </>
  );
};

type PastFrameProps = {
  /** What it is that stood so: `As it stood…`. */
  readonly title: string;
  /** How to get to another moment. */
  readonly control: ReactNode;
  readonly isReading: boolean;
  /** The time at which all below stands still; undefined while it is not known. */
  readonly then: number | undefined;
  readonly children: ReactNode;
};

/** What a page of the past stands in: it says so, and the time within it stands still. */
export const PastFrame = ({ title, control, isReading, then, children }: PastFrameProps) => (
  <div className="past">
    <section className="past-bar" aria-label="The past">
      <div className="past-title">
        <b>{title}</b>
        <span>Nothing here is live, and nothing can be changed from here.</span>
      </div>
      {control}
      <p className="past-reading" role="status">
        {isReading && <Reading />}
      </p>
    </section>
    <div className="past-page" aria-busy={isReading}>
      <Then value={then}>{children}</Then>
    </div>
  </div>
);
