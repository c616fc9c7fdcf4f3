import { useQueryClient } from '@tanstack/react-query';
import { useGo } from '../frame/link';
import { Notice } from '../frame/notice';
import type { Operation } from '../http/answers';
import { useSending } from '../http/use-sending';
import { deed, isOpen } from './words';

/** What can be done to an operation now: stop it, or move back what it has moved. */
export const OperationActions = ({ operation }: { readonly operation: Operation }) => {
  const { operationId, status, kind, progress } = operation;
  const client = useQueryClient();
  const go = useGo();
  const { sendForm, error, isBusy } = useSending();
  const path = `v1/operations/${operationId}`;

  const stop = async (): Promise<void> => {
    const stopped = await sendForm<Operation>(`${path}/stop`, {});
    if (stopped) client.setQueryData(['operations', 'one', operationId], stopped);
  };
  const undo = async (): Promise<void> => {
    const undoing = await sendForm<Operation>(`${path}/undo`, {});
    if (undoing) go(`/operations/${undoing.operationId}`);
  };
  const canStop = status === 'selecting' || status === 'running';
  const canUndo = !isOpen(operation) && kind === 'move' && progress.changed > 0;
  return (
    <div className="actions">
      {canStop && (
        <button
          type="button"
          className="button button-plain button-grave"
          disabled={isBusy}
          onClick={() => void stop()}
        >
          Stop it
        </button>
      )}
      {canUndo && (
        <button
          type="button"
          className="button button-plain"
          disabled={isBusy}
          onClick={() => void undo()}
        >
          {deed('move', progress.changed)} back
        </button>
      )}
      {error !== undefined && <Notice error={error} />}
    </div>
  );
};
