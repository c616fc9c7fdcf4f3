import { DAY_SECONDS } from './civil';
import { isInSmall, smallBelow, smallFrom, smallSize, type SmallSet } from './small-set';

/** Seconds of the day at which something falls due on the days on which it does. */
export type TimesOfDay = {
  /** The first on `day` that is at least `second`; `DAY_SECONDS` when there is none. */
  readonly from: (day: number, second: number) => number;
  /** How many on `day` lie in [from, to). */
  readonly count: (day: number, from: number, to: number) => number;
  /** How many there are on every day; undefined when that differs. */
  readonly perDay: number | undefined;
};

/** Every second of every minute of every hour that is in the three sets. */
export const timesOfDay = (hours: SmallSet, minutes: SmallSet, seconds: SmallSet): TimesOfDay => {
  const perMinute = smallSize(seconds);
  const perHour = smallSize(minutes) * perMinute;
  const perDay = smallSize(hours) * perHour;
  const [firstMinute, firstSecond] = [smallFrom(minutes, 0), smallFrom(seconds, 0)];
  const startOf = (hour: number): number =>
    hour < 24 ? hour * 3_600 + firstMinute * 60 + firstSecond : DAY_SECONDS;

  /** How many are less than a second of the day. */
  const below = (second: number): number => {
    const hour = Math.floor(second / 3_600);
    if (hour >= 24) return perDay;
    const before = smallBelow(hours, hour) * perHour;
    if (!isInSmall(hours, hour)) return before;
    const minute = Math.floor(second / 60) % 60;
    const inHour = smallBelow(minutes, minute) * perMinute;
    return isInSmall(minutes, minute)
      ? before + inHour + smallBelow(seconds, second % 60)
      : before + inHour;
  };

  return {
    from: (_day, at) => {
      if (perDay === 0) return DAY_SECONDS;
      const hour = Math.floor(at / 3_600);
      const dueHour = smallFrom(hours, hour);
      if (dueHour !== hour) return startOf(dueHour);
      const minute = Math.floor(at / 60) % 60;
      let dueMinute = smallFrom(minutes, minute);
      if (dueMinute === minute) {
        const second = smallFrom(seconds, at % 60);
        if (second < 60) return hour * 3_600 + minute * 60 + second;
        dueMinute = smallFrom(minutes, minute + 1);
      }
      return dueMinute < 60
        ? hour * 3_600 + dueMinute * 60 + firstSecond
        : startOf(smallFrom(hours, hour + 1));
    },
    count: (_day, from, to) => below(to) - below(from),
    perDay,
  };
};
