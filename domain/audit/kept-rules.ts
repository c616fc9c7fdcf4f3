import type { Rule } from '../schedule/definition';

/** The rules of all schedules, each one once, as long as a schedule has it. */
export type KeptRules = {
  /** @returns its number, the same for equal rules */
  readonly take: (rule: Rule) => number;
  /** One schedule less has it. */
  readonly drop: (number: number) => void;
  readonly at: (number: number) => Rule | undefined;
};

type Kept = { readonly text: string; readonly rule: Rule; uses: number };

export const keptRules = (): KeptRules => {
  const numbers = new Map<string, number>();
  const kept: (Kept | undefined)[] = [];
  const free: number[] = [];
  return {
    take: (rule) => {
      const text = JSON.stringify(rule);
      const known = numbers.get(text);
      const its = known === undefined ? undefined : kept[known];
      if (known !== undefined && its) {
        its.uses += 1;
        return known;
      }
      const number = free.pop() ?? kept.length;
      kept[number] = { text, rule, uses: 1 };
      numbers.set(text, number);
      return number;
    },
    drop: (number) => {
      const its = kept[number];
      if (!its) return;
      its.uses -= 1;
      if (its.uses > 0) return;
      numbers.delete(its.text);
      kept[number] = undefined;
      free.push(number);
    },
    at: (number) => kept[number]?.rule,
  };
};
