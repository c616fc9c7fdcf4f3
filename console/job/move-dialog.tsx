import { useId, useState, type ReactNode } from 'react';
import { Dialog } from '../frame/dialog';
import { Notice } from '../frame/notice';
import { DueField } from '../time/due-field';

type MoveDialogProps = {
  readonly title: ReactNode;
  readonly from: string;
  readonly onClose: () => void;
  readonly onMove: (dueAt: string, reason: string) => Promise<void>;
};

/** Asks for another due time; without widgets, which the page of a job would be too heavy with. */
export const MoveDialog = ({ title, from, onClose, onMove }: MoveDialogProps) => {
  const id = useId();
  const [dueAt, setDueAt] = useState<string | undefined>(from);
  const [reason, setReason] = useState('');
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);

  const move = async (): Promise<void> => {
    if (dueAt === undefined) return;
    setBusy(true);
    setError(undefined);
    try {
      await onMove(dueAt, reason.trim());
      onClose();
    } catch (refusal) {
      setError(refusal);
    }
    setBusy(false);
  };

  return (
    <Dialog title={title} onClose={onClose}>
      {error !== undefined && <Notice error={error} />}
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          void move();
        }}
      >
        <DueField label="Due" value={from} onChange={setDueAt} />
        <div className="field">
          <label htmlFor={id}>Why (kept in its history)</label>
          <input
            id={id}
            value={reason}
            maxLength={500}
            autoComplete="off"
            dir="auto"
            onChange={({ currentTarget }) => setReason(currentTarget.value)}
          />
        </div>
        <div className="actions">
          <button type="submit" className="button" disabled={isBusy || dueAt === undefined}>
            Move it
          </button>
          <button type="button" className="button button-plain" onClick={onClose}>
            Leave it
          </button>
        </div>
      </form>
    </Dialog>
  );
};
