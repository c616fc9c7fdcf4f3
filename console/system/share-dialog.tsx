import { useId, useState } from 'react';
import { Dialog } from '../frame/dialog';
import { Notice } from '../frame/notice';
import { isProblem } from '../http/problem';
import { SHARE_FIELDS, withShare, type Share, type ShareKind } from './share-fields';
import { useSetShares, type ReadShares } from './use-system';

const limitIn = (text: string): number | undefined => (text === '' ? undefined : Number(text));

type ShareDialogProps = {
  readonly kind: ShareKind;
  /** Undefined: it is asked for. */
  readonly name: string | undefined;
  readonly read: ReadShares;
  readonly onClose: () => void;
};

/** Sets what one queue or owner may have at once. */
export const ShareDialog = ({ kind, name: known, read, onClose }: ShareDialogProps) => {
  const id = useId();
  const setShares = useSetShares();
  const [name, setName] = useState(known ?? '');
  const [begun] = useState(read); // what the fields were filled from is what is replaced
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>(() => {
    const now: Share = known === undefined ? {} : (begun.shares[kind][known] ?? {});
    return Object.fromEntries(Object.entries(now).map(([field, limit]) => [field, String(limit)]));
  });
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const fields = Object.entries(SHARE_FIELDS[kind]);
  const what = kind === 'queues' ? 'queue' : 'owner';

  const save = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    const share = Object.fromEntries(
      fields.flatMap(([field]) => {
        const limit = limitIn(texts[field] ?? '');
        return limit === undefined ? [] : [[field, limit]];
      }),
    );
    try {
      await setShares(withShare(begun.shares, kind, name.trim(), share), begun);
      onClose();
    } catch (refusal) {
      setError(refusal);
      setBusy(false);
    }
  };

  return (
    <Dialog
      title={
        known === undefined ? (
          `Limits of an ${what}`
        ) : (
          <>
            Limits of {what} “<bdi>{known}</bdi>”
          </>
        )
      }
      onClose={onClose}
    >
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {known === undefined && (
          <div className="field">
            <label htmlFor={`${id}-name`}>Id of the {what}</label>
            <input
              id={`${id}-name`}
              required
              value={name}
              maxLength={255}
              onChange={({ currentTarget }) => setName(currentTarget.value)}
            />
          </div>
        )}
        {fields.map(([field, label]) => (
          <div className="field" key={field}>
            <label htmlFor={`${id}-${field}`}>{label}</label>
            <input
              id={`${id}-${field}`}
              type="number"
              min={1}
              step={1}
              value={texts[field] ?? ''}
              onChange={({ currentTarget: { value } }) =>
                setTexts((before) => ({ ...before, [field]: value }))
              }
            />
          </div>
        ))}
        <p className="hint">
          A blank field falls to the settings. Dispatchers follow within some seconds; what runs
          goes on.
        </p>
        {isProblem(error, 'revision-mismatch') ? (
          <p className="notice" role="alert">
            <b>Another operator was faster.</b> Close this and look again: nothing was changed.
          </p>
        ) : (
          error !== undefined && <Notice error={error} />
        )}
        <div className="actions">
          <button type="submit" className="button" disabled={isBusy}>
            Set the limits
          </button>
          <button type="button" className="button button-plain" onClick={onClose}>
            Leave them
          </button>
        </div>
      </form>
    </Dialog>
  );
};
