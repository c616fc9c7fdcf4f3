import { useMemo, useState, type ReactNode } from 'react';
import { Link } from '../frame/link';
import { Notice } from '../frame/notice';
import type { Delivery } from '../http/answers';
import { send } from '../http/client';
import { useSend } from '../http/use-send';
import { count, fullMoment, relative } from '../time/format';
import { Moment } from '../time/moment';
import { useNow } from '../time/now';
import { useZone } from '../time/zone';
import { usePlaceDeliveries, useWatchDelivery } from './use-deliveries';

const WORDS = { waiting: 'waiting', delivered: 'delivered', failed: 'given up' } as const;

/** What came of it last, short. */
const resultOf = ({ answerStatus, attempts, error }: Delivery): string => {
  if (attempts === 0) return 'not sent yet';
  const how = error === null ? 'sent' : 'no answer';
  const last = answerStatus === null ? how : `answered ${answerStatus}`;
  return attempts > 1 ? `${last}, ${count(attempts)} attempts` : last;
};

type Told = { readonly data?: { readonly name?: string } };

/** The name of the job that it tells of; a test has none. */
const nameIn = (body: string): string => {
  try {
    return (JSON.parse(body) as Told).data?.name ?? 'A test'; // as the API makes it
  } catch {
    return 'A test';
  }
};

const pretty = (body: string): string => {
  try {
    return JSON.stringify(JSON.parse(body), undefined, 2);
  } catch {
    return body;
  }
};

const Row = ({ name, children }: { readonly name: string; readonly children: ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

const Next = ({ delivery }: { readonly delivery: Delivery }) => {
  const now = useNow();
  const { zone } = useZone();
  if (delivery.status !== 'waiting') return null;
  const { nextAt } = delivery;
  if (nextAt === null)
    return <Row name="Next">when an earlier change of its job has been answered</Row>;
  const at = Date.parse(nextAt);
  return <Row name="Next">{at <= now ? 'as soon as it is its turn' : relative(at, now, zone)}</Row>;
};

const Facts = ({ delivery }: { readonly delivery: Delivery }) => (
  <dl className="about">
    <Row name="webhook-id">
      <code>{delivery.deliveryId}</code>
    </Row>
    {delivery.jobId !== null && (
      <Row name="Job">
        <Link to={`/jobs/${delivery.jobId}`}>the job it tells of</Link>
      </Row>
    )}
    <Row name="Made">
      <Moment at={delivery.createdAt} isExact />
    </Row>
    {delivery.attemptedAt !== null && (
      <Row name="Sent last">
        <Moment at={delivery.attemptedAt} isExact />
      </Row>
    )}
    <Next delivery={delivery} />
    {delivery.error !== null && <Row name="Wrong">{delivery.error}</Row>}
  </dl>
);

type ResendProps = {
  readonly delivery: Delivery;
  readonly isOff: boolean;
};

const Resend = ({ delivery, isOff }: ResendProps) => {
  const { webhookId, deliveryId, status } = delivery;
  const place = usePlaceDeliveries(webhookId);
  const run = useSend();
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();

  const resend = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    const path = `v1/webhooks/${webhookId}/deliveries/${deliveryId}/resend`;
    const key = crypto.randomUUID();
    try {
      place([await run(() => send<Delivery>(path, {}, { key }))]);
    } catch (refusal) {
      setError(refusal);
    }
    setBusy(false);
  };

  if (delivery.jobId === null) return <p className="hint">Tests are sent once.</p>;
  if (isOff) return <p className="hint">Turn the webhook on to send it again.</p>;
  return (
    <>
      <button
        type="button"
        className="button button-plain"
        disabled={isBusy}
        aria-busy={isBusy}
        onClick={() => void resend()}
      >
        {status === 'waiting' ? 'Send it now' : 'Send it again'}
      </button>
      {error !== undefined && <Notice error={error} />}
    </>
  );
};

const Opened = ({ delivery, isOff }: ResendProps) => {
  useWatchDelivery(delivery);
  const { body, answerBody, answerStatus } = delivery;
  return (
    <div className="delivery-body">
      <Facts delivery={delivery} />
      <h3>What is sent</h3>
      <pre className="block" tabIndex={0} aria-label="What is sent">
        {pretty(body)}
      </pre>
      {answerStatus !== null && (
        <>
          <h3>The answer, {answerStatus}</h3>
          {answerBody === null ? (
            <p className="soft">Without a body.</p>
          ) : (
            <pre className="block" tabIndex={0} aria-label="The answer" dir="auto">
              {answerBody}
            </pre>
          )}
        </>
      )}
      <div className="actions more">
        <Resend delivery={delivery} isOff={isOff} />
      </div>
    </div>
  );
};

/** One delivery in a line; opened, all that is known of it. */
export const DeliveryRow = ({ delivery, isOff }: ResendProps) => {
  const [isOpen, setOpen] = useState(false);
  const now = useNow();
  const { zone } = useZone();
  const { status, eventType, body, createdAt } = delivery;
  const name = useMemo(() => nameIn(body), [body]);
  const at = Date.parse(createdAt);
  return (
    <li>
      <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary className="delivery">
          <span className={`status status-delivery-${status}`}>{WORDS[status]}</span>
          <span className="delivery-what">
            <span dir="auto">{name}</span>
            <span className="under">{eventType}</span>
          </span>
          <span className="soft">{resultOf(delivery)}</span>
          {/* a line that opens can hold no button: by keys it is told where the line is opened */}
          <time dateTime={createdAt} className="soft" title={fullMoment(at, zone)}>
            {relative(at, now, zone)}
          </time>
        </summary>
        {isOpen && <Opened delivery={delivery} isOff={isOff} />}
      </details>
    </li>
  );
};
