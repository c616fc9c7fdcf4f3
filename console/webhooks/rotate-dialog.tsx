import { useState } from 'react';
import { Choices } from '../frame/choices';
import { Dialog } from '../frame/dialog';
import { Notice } from '../frame/notice';
import type { Webhook } from '../http/answers';
import { useSending } from '../http/use-sending';
import { Secret } from './secret';
import { useShowWebhook } from './use-webhooks';

const HOUR_MS = 3_600_000;

const VALID = [
  {
    value: String(24 * HOUR_MS),
    label: 'a day',
    hint: 'Until then what is sent is signed with both: exchange it in the program without a gap.',
  },
  {
    value: String(HOUR_MS),
    label: 'an hour',
    hint: 'Until then what is sent is signed with both: exchange it in the program without a gap.',
  },
  {
    value: String(7 * 24 * HOUR_MS),
    label: 'a week',
    hint: 'Until then what is sent is signed with both: exchange it in the program without a gap.',
  },
  {
    value: '0',
    label: 'no longer',
    hint: 'For one that leaked: the program takes nothing until it has the new one.',
  },
] as const;

type RotateDialogProps = { readonly webhook: Webhook; readonly onClose: () => void };

/** Makes a new secret and shows it, once. */
export const RotateDialog = ({ webhook: { webhookId }, onClose }: RotateDialogProps) => {
  const { sendForm, error, isBusy } = useSending();
  const show = useShowWebhook();
  const [validMs, setValidMs] = useState<(typeof VALID)[number]['value']>(VALID[0].value);
  const [secret, setSecret] = useState<string>();

  const rotate = async (): Promise<void> => {
    const body = { previousValidMs: Number(validMs) };
    const rotated = await sendForm<Webhook>(`v1/webhooks/${webhookId}/rotate`, body);
    if (!rotated) return;
    setSecret(rotated.secret);
    await show(webhookId);
  };

  if (secret !== undefined)
    return (
      <Dialog title="The new secret" onClose={onClose}>
        <Secret secret={secret} />
        <div className="actions">
          <button type="button" className="button" onClick={onClose}>
            I have kept it
          </button>
        </div>
      </Dialog>
    );
  return (
    <Dialog title="A new secret" onClose={onClose}>
      {error !== undefined && <Notice error={error} />}
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          void rotate();
        }}
      >
        <Choices
          label="The secret of now is good for"
          options={VALID}
          value={validMs}
          onChange={setValidMs}
          hint={VALID.find(({ value }) => value === validMs)?.hint}
        />
        <div className="actions">
          <button type="submit" className="button" disabled={isBusy} aria-busy={isBusy}>
            Make a new secret
          </button>
          <button type="button" className="button button-plain" onClick={onClose}>
            Leave it
          </button>
        </div>
      </form>
    </Dialog>
  );
};
