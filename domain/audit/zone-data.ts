import type { Breach } from './rule-sum';

/** What was decided with zone data that this build does not have. */
export type OtherZoneData = {
  /** `2025b` */
  readonly tzdata: string;
  /** Decisions that come out otherwise with the zone data of this build: only their order is proved. */
  readonly decisions: number;
};

export type ZoneData = {
  readonly numberOf: (tzdata: string) => number;
  readonly nameOf: (number: number) => string | undefined;
  /** @returns the breaches that count: those of a decision that was made with the same zone data */
  readonly weigh: (
    breaches: readonly Breach[],
    decidedWith: string | undefined,
    checkedWith: string,
  ) => readonly Breach[];
  readonly others: () => readonly OtherZoneData[];
};

export const zoneData = (): ZoneData => {
  const names: string[] = [];
  const numbers = new Map<string, number>();
  const others = new Map<string, number>();
  return {
    numberOf: (tzdata) => {
      const known = numbers.get(tzdata);
      if (known !== undefined) return known;
      const number = names.push(tzdata) - 1;
      numbers.set(tzdata, number);
      return number;
    },
    nameOf: (number) => names[number],
    weigh: (breaches, decidedWith, checkedWith) => {
      if (breaches.length === 0 || decidedWith === undefined || decidedWith === checkedWith)
        return breaches;
      others.set(decidedWith, (others.get(decidedWith) ?? 0) + 1);
      return [];
    },
    others: () => [...others].map(([tzdata, decisions]) => ({ tzdata, decisions })),
  };
};
