import { useQueryClient } from '@tanstack/react-query';
import { Dialog } from '../frame/dialog';
import { useGo } from '../frame/link';
import { Notice } from '../frame/notice';
import type { Webhook } from '../http/answers';
import { useSending } from '../http/use-sending';
import { count } from '../time/format';

type RemoveDialogProps = { readonly webhook: Webhook; readonly onClose: () => void };

export const RemoveDialog = ({ webhook, onClose }: RemoveDialogProps) => {
  const { webhookId, url, waiting = 0 } = webhook;
  const go = useGo();
  const client = useQueryClient();
  const { sendForm, error, isBusy } = useSending();

  const remove = async (): Promise<void> => {
    const removed = await sendForm(`v1/webhooks/${webhookId}`, undefined, { method: 'DELETE' });
    if (!removed) return;
    client.removeQueries({ queryKey: ['webhook', webhookId] });
    void client.resetQueries({ queryKey: ['webhooks'] });
    go('/webhooks', { replace: true });
  };

  return (
    <Dialog title="Remove the webhook?" onClose={onClose}>
      {error !== undefined && <Notice error={error} />}
      <p className="long">
        <code dir="auto">{url}</code> is told of nothing more
        {waiting > 0 && `, nor of the ${count(waiting)} that wait`}. There is no way back: one that
        is registered anew has another secret.
      </p>
      <div className="actions">
        <button
          type="button"
          className="button button-plain button-grave"
          disabled={isBusy}
          aria-busy={isBusy}
          onClick={() => void remove()}
        >
          Remove it
        </button>
        <button type="button" className="button button-plain" onClick={onClose}>
          Leave it
        </button>
      </div>
    </Dialog>
  );
};
