import { useId, useState } from 'react';
import { Dialog } from '../frame/dialog';
import { Notice } from '../frame/notice';
import type { Schedule } from '../http/answers';
import { useSendAtRevision } from './send-at-revision';

type DeleteDialogProps = { readonly schedule: Schedule; readonly onClose: () => void };

/** Deletes the schedule that was looked at, or none. */
export const DeleteDialog = ({ schedule, onClose }: DeleteDialogProps) => {
  const id = useId();
  const sendAtRevision = useSendAtRevision(schedule.scheduleId);
  const [begun, setBegun] = useState(schedule);
  const [note, setNote] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [lost, setLost] = useState<string>();
  const [error, setError] = useState<unknown>();

  const remove = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    setLost(undefined);
    try {
      const body = note.trim() === '' ? {} : { note: note.trim() };
      const sent = await sendAtRevision(begun, { method: 'DELETE', body });
      if (sent.outcome === 'done') {
        onClose();
        return;
      }
      setLost(sent.what);
      setBegun(sent.now);
    } catch (refusal) {
      setError(refusal);
    }
    setBusy(false);
  };

  return (
    <Dialog title={`Delete “${begun.name}”?`} onClose={onClose}>
      {error !== undefined && <Notice error={error} />}
      {lost !== undefined && (
        <p className="advice" role="alert">
          <b>Somebody was faster.</b> While you looked, {lost} was changed; it is not deleted. Look
          again, or delete it as it is now.
        </p>
      )}
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          void remove();
        }}
      >
        <p>
          Nothing of it runs any more but what has started. There is no way back; its history stays.
        </p>
        <div className="field">
          <label htmlFor={id}>Why (kept in its history)</label>
          <input
            id={id}
            value={note}
            maxLength={500}
            autoComplete="off"
            dir="auto"
            onChange={({ currentTarget }) => setNote(currentTarget.value)}
          />
        </div>
        <div className="actions">
          <button
            type="submit"
            className="button button-plain button-grave"
            disabled={isBusy}
            aria-busy={isBusy}
          >
            {lost === undefined ? 'Delete it' : 'Delete it as it is now'}
          </button>
          <button type="button" className="button button-plain" onClick={onClose}>
            Leave it
          </button>
        </div>
      </form>
    </Dialog>
  );
};
