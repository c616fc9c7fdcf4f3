import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Notice } from '../frame/notice';
import type { WebhookTest } from '../http/answers';
import { send } from '../http/client';
import { listKey } from './use-deliveries';

/** What came of a test, in a sentence. */
const outcomeOf = ({ status, answerStatus, error }: WebhookTest): string => {
  if (status === 'delivered') return `It came: the answer was ${answerStatus ?? 'well'}.`;
  const why = error ?? `the answer was ${answerStatus ?? 'none'}`;
  return `It did not come: ${why}. Tests are sent once; mend it and send another.`;
};

/** Sends a test and tells what came of it. */
export const useTestDelivery = (webhookId: string) => {
  const client = useQueryClient();
  const [isBusy, setBusy] = useState(false);
  const [test, setTest] = useState<WebhookTest>();
  const [error, setError] = useState<unknown>();

  const sendTest = async (): Promise<void> => {
    setBusy(true);
    setTest(undefined);
    setError(undefined);
    try {
      setTest(await send<WebhookTest>(`v1/webhooks/${webhookId}/test`, {}));
      void client.invalidateQueries({ queryKey: listKey(webhookId) });
    } catch (refusal) {
      setError(refusal);
    }
    setBusy(false);
  };
  return { sendTest, isBusy, test, error };
};

type ToldProps = Pick<ReturnType<typeof useTestDelivery>, 'test' | 'error'>;

export const TestTold = ({ test, error }: ToldProps) => (
  <>
    {test && (
      <div className={test.status === 'delivered' ? 'told' : 'notice'} role="status">
        <p>{outcomeOf(test)}</p>
        {test.answerBody !== undefined && <pre className="block more">{test.answerBody}</pre>}
      </div>
    )}
    {error !== undefined && <Notice error={error} />}
  </>
);
