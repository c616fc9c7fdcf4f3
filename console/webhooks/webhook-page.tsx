import { lazy, Suspense, useState } from 'react';
import { useParams } from 'react-router';
import { useKeys } from '../frame/keys';
import { Link, useGo } from '../frame/link';
import { Notice } from '../frame/notice';
import type { Webhook } from '../http/answers';
import { isProblem } from '../http/problem';
import { useSending } from '../http/use-sending';
import { useAsOf } from '../past/as-of';
import { PastOne } from '../past/past-one';
import { count } from '../time/format';
import { Moment } from '../time/moment';
import { eventsText } from './definition';
import { Deliveries } from './deliveries';
import { RemoveDialog } from './remove-dialog';
import { RotateDialog } from './rotate-dialog';
import { OFF_BECAUSE, WebhookStanding } from './standing';
import { TestTold, useTestDelivery } from './test-delivery';
import { useShowWebhook, useWebhook } from './use-webhooks';

/** It alone has widgets. */
const ChangeDialog = lazy(async () => ({
  default: (await import('./change-dialog')).ChangeDialog,
}));

const DIALOGS = { change: 'Change…', rotate: 'New secret…', remove: 'Remove…' } as const;
type DialogName = keyof typeof DIALOGS;

/** Why nothing is sent, and the way on. */
const Off = ({ webhook }: { readonly webhook: Webhook }) => {
  const { webhookId, disabledBecause = '', waiting = 0 } = webhook;
  const { sendForm, error, isBusy } = useSending();
  const show = useShowWebhook();
  const resume = async (): Promise<void> => {
    if (await sendForm<Webhook>(`v1/webhooks/${webhookId}/resume`, {})) await show(webhookId);
  };
  return (
    <div className="advice">
      <b>It is off.</b> {OFF_BECAUSE[disabledBecause] ?? 'It was turned off'}. See by a test whether
      it answers, then turn it on
      {waiting > 0 && `: the ${count(waiting)} that wait are sent`}; what happens while it is off is
      not told.{' '}
      <button type="button" className="link" disabled={isBusy} onClick={() => void resume()}>
        Turn it on
      </button>
      {error !== undefined && <Notice error={error} />}
    </div>
  );
};

const Actions = ({ webhook }: { readonly webhook: Webhook }) => {
  const { sendTest, isBusy, test, error } = useTestDelivery(webhook.webhookId);
  const [open, setOpen] = useState<DialogName>();
  const close = (): void => setOpen(undefined);
  return (
    <>
      <div className="actions">
        <button
          type="button"
          className="button button-plain"
          disabled={isBusy}
          aria-busy={isBusy}
          onClick={() => void sendTest()}
        >
          Send a test
        </button>
        {(Object.keys(DIALOGS) as readonly DialogName[]).map((name) => (
          <button
            key={name}
            type="button"
            className={`button button-plain ${name === 'remove' ? 'button-grave' : ''}`}
            onClick={() => setOpen(name)}
          >
            {DIALOGS[name]}
          </button>
        ))}
      </div>
      <div className="actions-told">
        <TestTold test={test} error={error} />
      </div>
      {open === 'change' && (
        <Suspense fallback={null}>
          <ChangeDialog webhook={webhook} onClose={close} />
        </Suspense>
      )}
      {open === 'rotate' && <RotateDialog webhook={webhook} onClose={close} />}
      {open === 'remove' && <RemoveDialog webhook={webhook} onClose={close} />}
    </>
  );
};

const About = ({ webhook }: { readonly webhook: Webhook }) => (
  <section className="panel">
    <h2>About</h2>
    <dl className="about">
      {webhook.description !== undefined && (
        <div>
          <dt>For</dt>
          <dd dir="auto">{webhook.description}</dd>
        </div>
      )}
      <div>
        <dt>Told when</dt>
        <dd>{eventsText(webhook)}</dd>
      </div>
      {webhook.waiting !== undefined && (
        <div>
          <dt>Waiting</dt>
          <dd>{count(webhook.waiting)}</dd>
        </div>
      )}
      <div>
        <dt>Since</dt>
        <dd>
          <Moment at={webhook.createdAt} />
        </dd>
      </div>
      {webhook.previousSecretUntil !== undefined && (
        <div>
          <dt>Old secret</dt>
          <dd>
            signs as well until <Moment at={webhook.previousSecretUntil} />
          </dd>
        </div>
      )}
      <div>
        <dt>Owner</dt>
        <dd dir="auto">{webhook.ownerId}</dd>
      </div>
    </dl>
    <p className="hint">
      At least once, and for each job in order; the header <code>webhook-id</code> stays the same
      however often it is sent. What fails is tried again for a day.
    </p>
  </section>
);

const NotThere = () => (
  <div className="empty">
    <h1>There is no such webhook</h1>
    <p>
      It may have been removed. <Link to="/webhooks">Go to the webhooks</Link>.
    </p>
  </div>
);

const OneWebhook = () => {
  const { webhookId = '' } = useParams();
  const go = useGo();
  const { data: webhook, error, refetch } = useWebhook(webhookId);
  useKeys({ Escape: () => go('/webhooks') });
  if (isProblem(error, 'webhook-not-found') || isProblem(error, 'bad-id')) return <NotThere />;
  return (
    <>
      <title>{`${webhook?.url ?? 'Webhook'} · Punctual`}</title>
      <nav className="crumbs" aria-label="Where this is">
        <Link to="/webhooks">Webhooks</Link> / <code>{webhookId}</code>
      </nav>
      {error && <Notice error={error} onRetry={() => void refetch()} />}
      {webhook && (
        <>
          <div className="head">
            <div className="head-title">
              <h1 dir="auto">{webhook.url}</h1>
              <WebhookStanding webhook={webhook} />
            </div>
            <Actions webhook={webhook} />
          </div>
          {webhook.status !== 'active' && <Off webhook={webhook} />}
          <div className="columns">
            <div>
              <Deliveries webhook={webhook} />
            </div>
            <div>
              <About webhook={webhook} />
            </div>
          </div>
        </>
      )}
    </>
  );
};

const StoodSo = ({ webhook }: { readonly webhook: Webhook }) => (
  <>
    <title>{`${webhook.url} as it stood · Punctual`}</title>
    <div className="head">
      <div className="head-title">
        <h1 dir="auto">{webhook.url}</h1>
        <WebhookStanding webhook={webhook} />
      </div>
    </div>
    {webhook.disabledBecause !== undefined && (
      <div className="advice">{OFF_BECAUSE[webhook.disabledBecause]}.</div>
    )}
    <About webhook={webhook} />
    <p className="hint">Its deliveries are not in the log: they are told as they are now alone.</p>
  </>
);

/** One webhook, now or as it stood. */
export const WebhookPage = () => {
  const { webhookId = '' } = useParams();
  const { asOf } = useAsOf();
  if (asOf === undefined) return <OneWebhook />;
  return (
    <PastOne<Webhook>
      asOf={asOf}
      path={`v1/webhooks/${webhookId}`}
      unknown="webhook-not-found"
      none="It was not there then"
    >
      {(webhook) => <StoodSo webhook={webhook} />}
    </PastOne>
  );
};
