import { useState } from 'react';
import { Dialog } from '../frame/dialog';
import { Notice } from '../frame/notice';
import { Widgets } from '../frame/widgets';
import type { Webhook } from '../http/answers';
import { isProblem } from '../http/problem';
import { useSending } from '../http/use-sending';
import { definitionOf, formOf, isWholeWebhook, webhookErrorsBy } from './definition';
import { useShowWebhook } from './use-webhooks';
import { WebhookFields } from './webhook-fields';

type ChangeDialogProps = { readonly webhook: Webhook; readonly onClose: () => void };

/** Replaces the definition that the fields were filled from, or none. */
export const ChangeDialog = ({ webhook, onClose }: ChangeDialogProps) => {
  const { sendForm, error, errors, isBusy } = useSending();
  const show = useShowWebhook();
  const [begun] = useState(webhook);
  const [form, setForm] = useState(() => formOf(webhook));
  const isWhole = isWholeWebhook(form);

  const change = async (): Promise<void> => {
    const path = `v1/webhooks/${begun.webhookId}`;
    const options = { method: 'PUT', ifMatch: begun.revision } as const;
    const changed = await sendForm<Webhook>(path, definitionOf(form), options);
    await show(begun.webhookId);
    if (changed) onClose();
  };

  return (
    <Widgets>
      <Dialog title="Change the webhook" onClose={onClose}>
        {isProblem(error, 'revision-mismatch') ? (
          <p className="notice" role="alert">
            <b>Somebody was faster: it was changed while this was open.</b> Close this and look
            again; nothing of yours was recorded.
          </p>
        ) : (
          error !== undefined && <Notice error={error} />
        )}
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault();
            if (isWhole) void change();
          }}
        >
          <WebhookFields
            form={form}
            onChange={(changed) => setForm((before) => ({ ...before, ...changed }))}
            errorAt={webhookErrorsBy(errors)}
          />
          <p className="hint">What waits goes to the new address, too.</p>
          <div className="actions">
            <button
              type="submit"
              className="button"
              disabled={!isWhole || isBusy}
              aria-busy={isBusy}
            >
              Change it
            </button>
            <button type="button" className="button button-plain" onClick={onClose}>
              Leave it
            </button>
          </div>
        </form>
      </Dialog>
    </Widgets>
  );
};
