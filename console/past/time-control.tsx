import { useState } from 'react';
import { serverNow } from '../time/clock';
import { dayAndTime, span } from '../time/format';
import { useZone } from '../time/zone';
import { MomentField } from './moment-field';
import { Slider } from './slider';
import { reachTo, REACHES, stopAt, stopsOf, type Reach } from './stops';

type TimeControlProps = { readonly at: number; readonly onPick: (asOf: string) => void };

/** A slider over the time that has passed, a field for the second, and how far back the slider reaches. */
export const TimeControl = ({ at, onPick }: TimeControlProps) => {
  const { zone } = useZone();
  const [end] = useState(serverNow);
  const [reach, setReach] = useState<Reach>(() => reachTo(at, end));
  const stops = stopsOf(reach, end);
  const pick = (moment: number): void => onPick(new Date(moment).toISOString());
  const textOf = (moment: number): string =>
    `${dayAndTime(moment, zone)}, ${span(Math.max(0, end - moment))} back`;
  return (
    <div className="past-control">
      <Slider
        label="As it stood then"
        last={stops.length - 1}
        at={stopAt(stops, at)}
        text={`${span(Math.max(0, end - at))} back`}
        textAt={(stop) => textOf(stops[stop] ?? end)}
        onPick={(stop) => pick(stops[stop] ?? end)}
      />
      <label className="past-reach">
        <span className="soft">reaches back</span>{' '}
        <select
          value={reach}
          onChange={({ currentTarget: { value } }) => setReach(value as Reach)} // an option below
        >
          {Object.entries(REACHES).map(([key, { name }]) => (
            <option key={key} value={key}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <MomentField at={at} onPick={pick} />
    </div>
  );
};
