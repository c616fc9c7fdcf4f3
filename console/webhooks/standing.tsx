import type { Webhook } from '../http/answers';
import { span } from '../time/format';
import { useNow } from '../time/now';

/** Why it is off, and what to do. */
export const OFF_BECAUSE: Readonly<Record<string, string>> = {
  gone: 'Its address answered 410, which means that it wants no more',
  failing: 'Nothing sent to it succeeded for a day',
  backlog: 'More deliveries waited for it than are kept',
};

/** Whether deliveries reach it. */
export const WebhookStanding = ({ webhook }: { readonly webhook: Webhook }) => {
  const now = useNow();
  const { status, failingSince } = webhook;
  if (status !== 'active') return <span className="status status-stopped">off</span>;
  if (typeof failingSince !== 'string') return <span className="status status-active">on</span>;
  return (
    <>
      <span className="status status-queued">on</span>
      <span className="under waits">
        fails for {span(Math.max(0, now - Date.parse(failingSince)))}
      </span>
    </>
  );
};
