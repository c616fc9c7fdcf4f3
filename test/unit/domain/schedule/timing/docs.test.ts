import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { localTimeAt } from '../../../../../domain/schedule/timing/answers/occurrence';
import { rowsUnder } from '../../../../support/doc-tables';
import { at, compiled, compileRule, nextOf, type Wanted } from '../../../../support/timing';

const page = readFileSync(join(__dirname, '../../../../../docs/schedules.md'), 'utf8');

/** Code spans write line breaks as JSON does. */
const ruleOf = (cell: string): string => cell.replaceAll('`', '').replaceAll('\\n', '\n');

const choices: Readonly<Record<string, (value: string) => Wanted>> = {
  gap: (value) => ({ clockChange: { gap: value as 'skip' } }),
  overlap: (value) => ({ clockChange: { overlap: value as 'first' } }),
  monthEnd: (value) => ({ monthEnd: value as 'skip' }),
  exclude: (value) => ({ exclude: [value] }),
  startAt: (value) => ({ startAt: at(value) }),
  endAt: (value) => ({ endAt: at(value) }),
  maxCount: (value) => ({ maxCount: Number(value) }),
};

const chosen = (cell: string): Wanted => {
  const [name = '', value = ''] = cell.split(' ');
  const choice = choices[name];
  if (cell !== '' && !choice)
    throw new Error(`the page has a choice that no schedule has: ${cell}`);
  return choice?.(value) ?? {};
};

const examples = rowsUnder(page, '| Timing | Zone | Choice | After | Local times |');
const refusals = rowsUnder(page, '| Timing | Reason |');

test('the page has its examples, so that a changed head does not hide them from this test', () => {
  expect(examples.length).toBeGreaterThan(30);
  expect(refusals.length).toBeGreaterThan(5);
});

test.each(examples)('docs/schedules.md: %s in %s, %s, after %s', (...cells) => {
  const [timing = '', zone = '', choice = '', from = '', localTimes = ''] = cells;
  const wanted = localTimes.split(', ');
  const rule = compiled(ruleOf(timing), { zone, from, ...chosen(choice) });
  expect(
    nextOf(rule, from, wanted.length).map((due) => localTimeAt(rule.zone, at(due) / 1_000)),
  ).toEqual(wanted);
});

test.each(refusals)('docs/schedules.md: %s is refused: %s', (timing, reason) => {
  expect(compileRule(ruleOf(timing ?? ''))).toMatchObject({
    outcome: 'refused',
    problems: [{ reason }],
  });
});
