import { useEffect, useState } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { Choices } from '../frame/choices';
import { Dialog } from '../frame/dialog';
import { Notice } from '../frame/notice';
import type { Operation, OperationKind } from '../http/answers';
import { sessionStore } from '../http/session';
import { useSending } from '../http/use-sending';
import { MoveBy, moveSpan, type Move } from './move-by';
import { DryRunResult } from './dry-run-result';
import { useDryRun } from './use-operations';
import { changeableOf, deed, narrowedWords, VERBS, type Narrowed } from './words';

/** What is to be changed: jobs that were picked, or all that fit a filter. */
export type Chosen =
  | { readonly by: 'ids'; readonly jobIds: readonly string[] }
  | { readonly by: 'filter'; readonly filter: Narrowed };

type BulkDialogProps = {
  readonly chosen: Chosen;
  /** What may be done to them: the first is offered first. */
  readonly kinds: readonly OperationKind[];
  readonly onClose: () => void;
};

/** Nobody asks the server for each letter. */
const PAUSE_MS = 300;

const selectionOf = (chosen: Chosen, kind: OperationKind): object => {
  if (chosen.by === 'ids') return { jobIds: chosen.jobIds };
  const { status, ...rest } = chosen.filter;
  const statuses = typeof status === 'string' ? status.split(',') : status;
  const changeable = changeableOf(kind, statuses);
  return { filter: { ...rest, ...(changeable && { status: changeable }) } };
};

const useLater = <T,>(value: T): T => {
  const [later, setLater] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setLater(value), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return later;
};

const whoseWords = (chosen: Chosen): string => {
  if (chosen.by === 'ids') return 'The jobs that are selected.';
  const isOfAll =
    sessionStore.current()?.role === 'operator' && chosen.filter.ownerId === undefined;
  return `All ${narrowedWords(chosen.filter)}${isOfAll ? ', of all owners' : ''}.`;
};

/** Changes many jobs: first what it would be about, then the change, then how it goes. */
export const BulkDialog = ({ chosen, kinds, onClose }: BulkDialogProps) => {
  const navigate = useNavigate();
  const { pathname, search } = useLocation();
  const [kind, setKind] = useState<OperationKind>(kinds[0] ?? 'cancel');
  const [move, setMove] = useState<Move>({ amount: '1', unit: 'H', direction: '' });
  const [reason, setReason] = useState('');
  const { sendForm, error, isBusy } = useSending();
  const by = useLater(moveSpan(move));
  const isWhole = kind !== 'move' || by !== undefined;
  const body = { kind, ...selectionOf(chosen, kind), ...(kind === 'move' && { by }) };
  const dryRun = useDryRun(isWhole ? body : undefined);
  const many = isWhole ? dryRun.data?.count : undefined;

  const start = async (): Promise<void> => {
    const why = reason.trim();
    const started = await sendForm<Operation>('v1/operations', {
      ...body,
      ...(why !== '' && { reason: why }),
    });
    if (started)
      void navigate(`/operations/${started.operationId}`, {
        state: { from: `${pathname}${search}` },
      });
  };

  return (
    <Dialog title="Change many jobs" onClose={onClose}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          void start();
        }}
      >
        <p dir="auto">{whoseWords(chosen)}</p>
        {kinds.length > 1 && (
          <Choices
            label="What to do"
            options={kinds.map((one) => ({ value: one, label: VERBS[one] }))}
            value={kind}
            onChange={setKind}
          />
        )}
        {kind === 'move' && <MoveBy move={move} onChange={setMove} />}
        <DryRunResult
          kind={kind}
          picked={chosen.by === 'ids' ? chosen.jobIds.length : undefined}
          found={many === undefined ? undefined : dryRun.data}
          error={dryRun.error}
        />
        <div className="field">
          <label htmlFor="bulk-reason">Why (kept in the history of each)</label>
          <input
            id="bulk-reason"
            value={reason}
            maxLength={500}
            onChange={({ currentTarget }) => setReason(currentTarget.value)}
          />
        </div>
        {error !== undefined && <Notice error={error} />}
        <div className="actions">
          <button
            type="submit"
            className="button"
            disabled={isBusy || many === undefined || many === 0 || by !== moveSpan(move)}
          >
            {many === undefined || many === 0 ? VERBS[kind] : deed(kind, many)}
          </button>
          <button type="button" className="button button-plain" onClick={onClose}>
            Leave them
          </button>
        </div>
      </form>
    </Dialog>
  );
};
