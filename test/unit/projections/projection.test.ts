import { monthlyTables } from '../../../projections/projection';

test('only the tables that say so are partitioned by month', () => {
  const table = { key: ['id'], bucket: '0' };
  expect(monthlyTables({ tables: { jobs: table, due_jobs: { ...table, by: 'month' } } })).toEqual([
    'due_jobs',
  ]);
});
