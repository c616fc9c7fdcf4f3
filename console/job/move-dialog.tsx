import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { Dialog } from '../frame/dialog';
import { Notice } from '../frame/notice';
import { DueField } from '../time/due-field';

type MoveDialogProps = {
  readonly title: string;
  readonly from: string;
  readonly onClose: () => void;
  readonly onMove: (dueAt: string, reason: string) => Promise<void>;
};

/** Asks for another due time. */
export const MoveDialog = ({ title, from, onClose, onMove }: MoveDialogProps) => {
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
        <TextInput
          label="Why (kept in its history)"
          value={reason}
          maxLength={500}
          onChange={({ currentTarget }) => setReason(currentTarget.value)}
        />
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
