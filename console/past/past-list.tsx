import { useState, type ReactNode } from 'react';
import { serverNow } from '../time/clock';
import { dayAndTime } from '../time/format';
import { useZone } from '../time/zone';
import { instantOf, useAsOf } from './as-of';
import { PastFrame } from './past-frame';
import { TimeControl } from './time-control';

type PastListProps = {
  readonly asOf: string;
  readonly isReading: boolean;
  readonly children: ReactNode;
};

/** A list as it stood at a time, with the way to other times. */
export const PastList = ({ asOf, isReading, children }: PastListProps) => {
  const { zone } = useZone();
  const { goTo } = useAsOf();
  const [openedAt] = useState(serverNow);
  const at = instantOf(asOf);
  return (
    <PastFrame
      title={at === undefined ? 'The past' : `As it stood on ${dayAndTime(at, zone)}`}
      control={<TimeControl at={at ?? openedAt} onPick={goTo} />}
      isReading={isReading}
      then={at}
    >
      {at === undefined && (
        <p className="notice" role="alert">
          <b>This address names no time.</b> Lists go back by time: choose one above.
        </p>
      )}
      {children}
    </PastFrame>
  );
};
