import { useState, useSyncExternalStore } from 'react';
import { clockStore } from '../time/clock';
import { span } from '../time/format';

const MINUTE_MS = 60_000;

/** That the clock of this device is wrong, once: times here are right all the same, those beside them may not be. */
export const ClockNote = () => {
  const offset = useSyncExternalStore(clockStore.subscribe, clockStore.current);
  const [isSeen, setSeen] = useState(false);
  const minutes = Math.round(Math.abs(offset) / MINUTE_MS);
  if (minutes === 0 || isSeen) return null;
  return (
    <p className="banner" role="status">
      <b>
        The clock of this device is {span(minutes * MINUTE_MS)} {offset < 0 ? 'ahead' : 'behind'}.
      </b>{' '}
      Times here go by the clock of the server.{' '}
      <button type="button" className="link" onClick={() => setSeen(true)}>
        All right
      </button>
    </p>
  );
};
