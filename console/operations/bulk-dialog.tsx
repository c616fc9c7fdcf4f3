import { useEffect, useState } from 'react';
import { useLocation } from 'react-router';
import { Choices } from '../frame/choices';
import { Dialog } from '../frame/dialog';
import { useGo } from '../frame/link';
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
  /** When the list was read that they are chosen from, on the server's clock; undefined where none is shown. */
  readonly readAt?: number | undefined;
  /** What may be done to them: the first is offered first. */
  readonly kinds: readonly OperationKind[];
  readonly onClose: () => void;
};

/** Nobody asks the server for each letter. */
const PAUSE_MS = 300;

/** The statuses that a list is narrowed to. */
const statusesOf = (chosen: Chosen): readonly string[] | undefined => {
  if (chosen.by === 'ids') return undefined;
  const { status } = chosen.filter;
  return typeof status === 'string' ? status.split(',') : status;
};

const selectionOf = (chosen: Chosen, kind: OperationKind): object => {
  if (chosen.by === 'ids') return { jobIds: chosen.jobIds };
  const { status: _, ...rest } = chosen.filter;
  const changeable = changeableOf(kind, statusesOf(chosen));
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

/** What is being chosen, what it would be about, and the way to start it. */
const useBulk = ({ chosen, kinds, readAt }: Omit<BulkDialogProps, 'onClose'>) => {
  const go = useGo();
  const { pathname, search } = useLocation();
  const [kind, setKind] = useState(kinds[0] ?? 'cancel');
  // what is read again behind the dialog, nobody has looked at
  const [lookedAt] = useState(readAt);
  const [move, setMove] = useState<Move>({ amount: '1', unit: 'H', direction: '' });
  const { sendForm, error, isBusy } = useSending();
  const asked = moveSpan(move);
  const by = useLater(asked);
  const isWhole = kind !== 'move' || by !== undefined;
  const body = { kind, ...selectionOf(chosen, kind), ...(kind === 'move' && { by }) };
  // what had failed for good does not start by itself
  const since = kind !== 'redrive' && lookedAt !== undefined && new Date(lookedAt).toISOString();
  const dryRun = useDryRun(isWhole ? { ...body, ...(since && { since }) } : undefined);
  const found = isWhole ? dryRun.data : undefined;

  const start = async (reason: string): Promise<void> => {
    const more = reason === '' ? {} : { reason };
    const started = await sendForm<Operation>('v1/operations', { ...body, ...more });
    if (!started) return;
    const state = { from: `${pathname}${search}` };
    go(`/operations/${started.operationId}`, { state });
  };
  // what is sent is what was tried
  const canStart = !isBusy && found !== undefined && found.count > 0 && by === asked;
  return { kind, setKind, move, setMove, found, dryRun, start, canStart, error };
};

/** Changes many jobs: first what it would be about, then the change, then how it goes. */
export const BulkDialog = ({ onClose, ...asked }: BulkDialogProps) => {
  const { chosen, kinds } = asked;
  const bulk = useBulk(asked);
  const [reason, setReason] = useState('');
  const { kind, found } = bulk;
  return (
    <Dialog title="Change many jobs" onClose={onClose}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (bulk.canStart) void bulk.start(reason.trim());
        }}
      >
        <p dir="auto">{whoseWords(chosen)}</p>
        {kinds.length > 1 && (
          <Choices
            label="What to do"
            options={kinds.map((one) => ({ value: one, label: VERBS[one] }))}
            value={kind}
            onChange={bulk.setKind}
          />
        )}
        {kind === 'move' && <MoveBy move={bulk.move} onChange={bulk.setMove} />}
        <DryRunResult shown={statusesOf(chosen)} error={bulk.dryRun.error} {...{ kind, found }} />
        <div className="field">
          <label htmlFor="bulk-reason">Why (kept in the history of each)</label>
          <input
            id="bulk-reason"
            value={reason}
            maxLength={500}
            onChange={({ currentTarget }) => setReason(currentTarget.value)}
          />
        </div>
        {bulk.error !== undefined && <Notice error={bulk.error} />}
        <div className="actions">
          <button type="submit" className="button" disabled={!bulk.canStart}>
            {found && found.count > 0 ? deed(kind, found.count) : VERBS[kind]}
          </button>
          <button type="button" className="button button-plain" onClick={onClose}>
            Leave them
          </button>
        </div>
      </form>
    </Dialog>
  );
};
