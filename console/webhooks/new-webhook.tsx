import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useKeys } from '../frame/keys';
import { Link, useGo } from '../frame/link';
import { Notice } from '../frame/notice';
import { Widgets } from '../frame/widgets';
import type { Webhook } from '../http/answers';
import { useSending } from '../http/use-sending';
import {
  definitionOf,
  emptyWebhook,
  eventsText,
  isWholeWebhook,
  sentenceOf,
  webhookErrorsBy,
} from './definition';
import { Secret } from './secret';
import { TestTold, useTestDelivery } from './test-delivery';
import { WebhookFields } from './webhook-fields';

type Made = Webhook & { readonly secret: string };

/** What is to be done with one that was just made. */
const Registered = ({ webhook }: { readonly webhook: Made }) => {
  const { webhookId, url, secret } = webhook;
  const { sendTest, isBusy, test, error } = useTestDelivery(webhookId);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []); // what was focused is gone
  return (
    <>
      <div className="head">
        <h1 ref={heading} tabIndex={-1}>
          It is registered
        </h1>
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
          <Link to={`/webhooks/${webhookId}`} className="button">
            I have kept the secret
          </Link>
        </div>
      </div>
      <TestTold test={test} error={error} />
      <section className="panel form form-page">
        <p>
          <code dir="auto">{url}</code> is told when {eventsText(webhook)}, from now on. Let the
          program have the secret, then send a test: it comes signed, as all that follows.
        </p>
        <Secret secret={secret} />
      </section>
    </>
  );
};

const Form = ({ onMade }: { readonly onMade: (webhook: Made) => void }) => {
  const client = useQueryClient();
  const { sendForm, error, errors, isBusy } = useSending();
  const [form, setForm] = useState(emptyWebhook);
  const isWhole = isWholeWebhook(form);

  const register = async (): Promise<void> => {
    const made = await sendForm<Webhook>('v1/webhooks', definitionOf(form));
    if (!made) return;
    void client.resetQueries({ queryKey: ['webhooks'] });
    onMade({ ...made, secret: made.secret ?? '' });
  };

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isWhole) void register();
      }}
    >
      <div className="head">
        <h1 dir="auto">{sentenceOf(form)}</h1>
        <div className="actions">
          <Link to="/webhooks" className="button button-plain">
            Back
          </Link>
          <button type="submit" className="button" disabled={!isWhole || isBusy}>
            Register it
          </button>
        </div>
      </div>
      {error !== undefined && <Notice error={error} />}
      <section className="panel form form-page">
        <WebhookFields
          form={form}
          onChange={(change) => setForm((before) => ({ ...before, ...change }))}
          errorAt={webhookErrorsBy(errors)}
        />
      </section>
    </form>
  );
};

const NewWebhook = () => {
  const go = useGo();
  const [made, setMade] = useState<Made>();
  // with Escape a secret that nobody has kept would be gone
  useKeys(made ? {} : { Escape: () => go('/webhooks') });
  return (
    <>
      <title>Register a webhook · Punctual</title>
      <nav className="crumbs" aria-label="Where this is">
        <Link to="/webhooks">Webhooks</Link> / New
      </nav>
      {made ? <Registered webhook={made} /> : <Form onMade={setMade} />}
    </>
  );
};

export const NewWebhookPage = () => (
  <Widgets>
    <NewWebhook />
  </Widgets>
);
