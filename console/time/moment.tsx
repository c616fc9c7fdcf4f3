import { Exact } from './exact';
import { day, exactClockTime, isSameDay, moment } from './format';
import { useNow } from './now';
import { useZone } from './zone';

type MomentProps = {
  readonly at: string;
  /** With milliseconds. */
  readonly isExact?: boolean;
};

/** An instant by its time of day, and the date where it is not today. */
export const Moment = ({ at, isExact = false }: MomentProps) => {
  const { zone } = useZone();
  const now = useNow();
  const instant = Date.parse(at);
  const exact = isSameDay(instant, now, zone)
    ? exactClockTime(instant, zone)
    : `${day(instant, zone, now)}, ${exactClockTime(instant, zone)}`;
  return (
    <Exact at={at}>
      <time dateTime={at}>{isExact ? exact : moment(instant, zone, now)}</time>
    </Exact>
  );
};
