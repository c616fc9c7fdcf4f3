/** As far as it is shown here; docs/http.md has all of it. */
export type OperationAnswer = {
  readonly operationId: string;
  readonly kind: string;
  readonly status: string;
  readonly filter?: Readonly<Record<string, unknown>>;
  readonly undoes?: string;
  readonly by?: string;
  readonly items: number | null;
  readonly progress: Readonly<
    Record<'waiting' | 'changed' | 'unchanged' | 'refused' | 'left', number>
  >;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly note?: string;
};

export const whatText = ({ kind, filter, undoes, by }: OperationAnswer): string => {
  const how = by === undefined ? kind : `${kind} by ${by}`;
  if (undoes !== undefined) return `${how}: undoes ${undoes}`;
  if (filter === undefined) return `${how}: jobs that were named`;
  const narrowed = Object.entries(filter).map(([name, value]) => `${name} ${String(value)}`);
  return narrowed.length === 0 ? `${how}: all jobs` : `${how}: ${narrowed.join(', ')}`;
};

export const progressText = ({ items, progress }: OperationAnswer): string => {
  const { waiting, changed, unchanged, refused, left } = progress;
  const parts = Object.entries({ changed, unchanged, refused, left, waiting })
    .filter(([name, count]) => count > 0 || name === 'changed')
    .map(([name, count]) => `${count} ${name}`);
  return items === null ? 'its jobs are being looked up' : `${items} jobs: ${parts.join(', ')}`;
};

export const operationText = (operation: OperationAnswer): string =>
  [
    `${operation.operationId}  ${whatText(operation)}`,
    `  ${operation.status}${operation.note === undefined ? '' : `: ${operation.note}`}`,
    `  ${progressText(operation)}`,
  ].join('\n');
