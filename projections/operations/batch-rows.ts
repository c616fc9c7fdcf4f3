import { parameters, plain, plainArray, quotedText, unnest, type Column } from '../writing/unnest';
import type { Statement } from '../writing/write-session';
import type { OperationStep, PlacedOf } from './operation-step';

type Selected = PlacedOf<'OperationSelected'>;
type Progressed = PlacedOf<'OperationProgressed'>;

const batchColumns = <Row extends Selected | Progressed>() =>
  [
    plain<Row>('operation_id', 'uuid', ({ operationId }) => operationId),
    plain<Row>('revision', 'bigint', ({ revision }) => revision),
    plain<Row>('batch', 'integer', ({ data }) => data.batch),
  ] as const;

const selectedColumns = [
  ...batchColumns<Selected>(),
  plain<Selected>('first_item', 'integer', ({ data }) => data.from),
  quotedText<Selected>('job_ids', 'text', ({ data }) => plainArray(data.jobIds)),
] as const;

const progressedColumns = [
  ...batchColumns<Progressed>(),
  quotedText<Progressed>('outcomes', 'text', ({ data }) => plainArray(data.outcomes)),
] as const;

/** A batch that comes again finds rows that are further already, and changes nothing. */
const IS_NEW = `join operations t on t.operation_id = c.operation_id and t.revision < c.revision`;

/** A selection that begins anew knows nothing of the one before. */
const forgetSelected = `
  delete from operation_batches b using ${unnest(selectedColumns)} ${IS_NEW}
  where b.operation_id = c.operation_id and c.batch = 0`;

const insertSelected = `
  insert into operation_batches (operation_id, batch, first_item, job_ids)
  select c.operation_id, c.batch, c.first_item, c.job_ids::uuid[]
  from ${unnest(selectedColumns)} ${IS_NEW}
  on conflict (operation_id, batch) do nothing`;

const tellProgress = `
  update operation_batches b set outcomes = c.outcomes::text[]
  from ${unnest(progressedColumns)} ${IS_NEW}
  where b.operation_id = c.operation_id and b.batch = c.batch`;

/** One statement over rows; none when there are none. */
const over = <Row>(
  name: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  text: string,
): readonly Statement[] =>
  rows.length === 0
    ? []
    : [{ name: `operations_${name}`, text, values: parameters(columns, rows) }];

/** Changes of `operation_batches`, for one round. Come before those of `operations`. */
export const batchStatements = (steps: readonly OperationStep[]): readonly Statement[] => {
  const facts = steps.flatMap((step) => step.facts);
  const selected = facts.filter((fact): fact is Selected => fact.type === 'OperationSelected');
  const progressed = facts.filter(
    (fact): fact is Progressed => fact.type === 'OperationProgressed',
  );
  return [
    ...over(
      'forget_selected',
      selectedColumns,
      selected.filter(({ data }) => data.batch === 0),
      forgetSelected,
    ),
    ...over('insert_selected', selectedColumns, selected, insertSelected),
    ...over('tell_progress', progressedColumns, progressed, tellProgress),
  ];
};
