import { Tooltip } from '@mantine/core';
import { useEffect, useState } from 'react';
import { exactClockTime, fullMoment, isSameDay, moment, day } from './format';
import { useNow } from './now';
import { useZone } from './zone';

const COPIED_MS = 1_500;

type MomentProps = {
  readonly at: string;
  /** With milliseconds. */
  readonly isExact?: boolean;
};

/** An instant: what it is in all detail on hover and focus, copied in UTC by a click. */
export const Moment = ({ at, isExact = false }: MomentProps) => {
  const { zone } = useZone();
  const now = useNow();
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return undefined;
    const timer = setTimeout(() => setCopied(false), COPIED_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const instant = Date.parse(at);
  const exact = isSameDay(instant, now, zone)
    ? exactClockTime(instant, zone)
    : `${day(instant, zone, now)}, ${exactClockTime(instant, zone)}`;
  return (
    <Tooltip
      label={isCopied ? 'Copied' : fullMoment(instant, zone)}
      events={{ hover: true, focus: true, touch: true }}
      multiline
      className="moment-tip"
    >
      <button
        type="button"
        className="moment"
        onClick={(event) => {
          event.stopPropagation();
          void navigator.clipboard?.writeText(at).then(() => setCopied(true));
        }}
      >
        <time dateTime={at}>{isExact ? exact : moment(instant, zone, now)}</time>
      </button>
    </Tooltip>
  );
};
