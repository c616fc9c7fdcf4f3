import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { next, occurrences } from '../../../../../domain/schedule/timing/answers/next';
import { moves } from '../../../../../domain/schedule/timing/answers/moves';
import type {
  GapPolicy,
  MonthEndPolicy,
  OverlapPolicy,
} from '../../../../../domain/schedule/timing/definition';
import { zoneTables, type PackedTables } from '../../../../../infra/tzdata/unpack';
import { at, compiled, compileRule, nextOf, textOf, type Wanted } from '../../../../support/timing';

type Policy = {
  readonly gap?: GapPolicy;
  readonly overlap?: OverlapPolicy;
  readonly monthEnd?: MonthEndPolicy;
  readonly exclude?: readonly string[];
  readonly start?: string;
  readonly end?: string;
};

type Vector = {
  readonly id: string;
  readonly rule: string;
  readonly zone: string;
  readonly policy?: Policy;
  readonly from: string;
  readonly count: number;
  readonly expect: readonly string[];
  readonly local: readonly string[];
  readonly error?: 'never-fires';
};

const fixture = <Content>(name: string): Content =>
  JSON.parse(
    readFileSync(join(__dirname, '../../../../fixtures/schedules', name), 'utf8'),
  ) as Content;

const vectors = fixture<readonly Vector[]>('vectors.json');

const wantedOf = ({ zone, from, policy = {} }: Vector): Wanted => {
  const { gap, overlap, monthEnd, exclude, start, end } = policy;
  return {
    ...{ zone, from },
    clockChange: { ...(gap && { gap }), ...(overlap && { overlap }) },
    ...(monthEnd && { monthEnd }),
    ...(exclude && { exclude }),
    ...(start !== undefined && { startAt: at(start) }),
    ...(end !== undefined && { endAt: at(end) }),
  };
};

test('there are as many vectors as were given, so that none was lost on the way', () => {
  expect(vectors).toHaveLength(104);
});

describe('the vectors of the contract', () => {
  test.each(vectors.filter(({ error }) => !error).map((vector) => [vector.id, vector] as const))(
    '%s',
    (_id, vector) => {
      const timing = compiled(vector.rule, wantedOf(vector));
      expect(nextOf(timing, vector.from, vector.count)).toEqual(vector.expect);
      const [until] = vector.expect.slice(-1);
      const walked = [
        ...occurrences(timing, { after: at(vector.from), until: at(until ?? vector.from) }),
      ];
      expect(walked.map(({ dueAt }) => textOf(dueAt))).toEqual(vector.expect);
      expect(walked.map(({ localTime }) => localTime)).toEqual(vector.local);
    },
  );

  test.each(vectors.filter(({ error }) => error).map((vector) => [vector.id, vector] as const))(
    '%s',
    (_id, vector) => {
      expect(compileRule(vector.rule, wantedOf(vector))).toMatchObject({
        outcome: 'refused',
        code: 'timing-never-fires',
      });
    },
  );
});

test.each(fixture<readonly { readonly rule: string; readonly why: string }[]>('refuse.json'))(
  '$rule is refused with a reason: $why',
  ({ rule, why }) => {
    const outcome = compileRule(rule);
    expect(outcome).toMatchObject({
      outcome: 'refused',
      code: why === 'never fires' ? 'timing-never-fires' : 'timing-invalid',
      problems: [{ pointer: rule.startsWith('R/') ? '/timing/every' : '/timing/cron' }],
    });
    if (outcome.outcome === 'refused')
      for (const { reason } of outcome.problems) expect(reason).toMatch(/^.{10,200}$/);
  },
);

type TableVector = Omit<Vector, 'expect'> & {
  readonly 'expect@2025b': readonly string[];
  readonly 'expect@2026d': readonly string[];
};

describe('two releases of the zone tables', () => {
  const older = zoneTables(fixture<PackedTables>('tzdata-2025b.json'));

  test.each(
    fixture<readonly TableVector[]>('tzmoves.json').map((vector) => [vector.id, vector] as const),
  )('%s', (_id, vector) => {
    const { rule, zone, from, count } = vector;
    const [was, is] = [vector['expect@2025b'], vector['expect@2026d']];
    const before = compiled(rule, { zone, from, zones: older });
    const after = compiled(rule, { zone, from });
    expect(before.tzdata).toBe('2025b');
    expect(nextOf(before, from, count)).toEqual(was);
    expect(nextOf(after, from, count)).toEqual(is);

    const [until] = was.slice(-1);
    const moved = [
      ...moves({ before, after }, { after: at(from), until: at(until ?? from) }),
    ].filter(({ before: place }) => place !== undefined && textOf(place) <= (until ?? from));
    expect(moved.map((move) => [textOf(move.before ?? 0), textOf(move.after ?? 0)])).toEqual(
      was.flatMap((instant, i) => (instant === is[i] ? [] : [[instant, is[i]]])),
    );
    expect(next(after, at(from))).toBe(at(is[0] ?? ''));
  });
});
