import { announceNothing, announceProjected } from '../../../../projections/writing/projected';

test('a commit tells its position and what the batch brought, positions as texts, for JSON has no bigint', () => {
  const [statement, ...others] = announceProjected(9_007_199_254_740_993n, {
    duePosition: 7n,
    dueAt: 50,
  });
  expect(others).toEqual([]);
  expect(statement?.name).toBe('notify_projected');
  const [message] = statement?.values ?? [];
  expect(JSON.parse(String(message))).toEqual({
    position: '9007199254740993',
    duePosition: '7',
    dueAt: 50,
  });
});

test('tables that nobody reads yet tell nobody: dispatchers would act on it', () => {
  expect(announceNothing(7n, {})).toEqual([]);
});
