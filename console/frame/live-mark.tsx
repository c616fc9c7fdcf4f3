import { useSyncExternalStore } from 'react';
import { lagStore } from '../http/lag';
import { useLive } from '../live/live';
import { clockTime, span } from '../time/format';
import { useNow } from '../time/now';
import { useZone } from '../time/zone';

/** More than this is worth saying in another colour. */
const BEHIND_MS = 2_000;
/** The line tells every 15 s: what is older than two beats says nothing of now. */
const OLD_MS = 30_000;

/** Whether what is shown is what is: by the line that changes come on, and by how far the read model is behind the log. */
export const LiveMark = () => {
  const { state } = useLive();
  const { zone } = useZone();
  useNow();
  const lag = useSyncExternalStore(lagStore.subscribe, lagStore.current);

  if (state.kind === 'lost')
    return (
      <span className="live live-lost" role="status">
        <b>Not live since {clockTime(state.since, zone)}</b>
        <span className="live-more">, trying again: {state.why}</span>
      </span>
    );
  if (state.kind === 'connecting')
    return (
      <span className="live live-behind" role="status">
        <b>Connecting</b>
      </span>
    );
  const isOld = lag !== undefined && performance.now() - lag.at > OLD_MS;
  const isBehind = lag !== undefined && !isOld && lag.ms >= BEHIND_MS;
  return (
    <span className={isBehind || isOld ? 'live live-behind' : 'live'} role="status">
      <b>{isBehind ? 'Catching up' : 'Live'}</b>
      <span className="live-more">
        {isOld ? 'how far behind is not known' : lag && `${span(lag.ms)} behind`}
      </span>
    </span>
  );
};
