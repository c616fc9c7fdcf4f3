import { TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { useKeys } from '../frame/keys';
import { Link, useGo } from '../frame/link';
import { Notice } from '../frame/notice';
import type { CommandedJob, Job } from '../http/answers';
import { readFresh } from '../http/client';
import { errorsBy } from '../http/field-errors';
import { useSending } from '../http/use-sending';
import { serverNow } from '../time/clock';
import { DueField } from '../time/due-field';
import { moment } from '../time/format';
import { useNow } from '../time/now';
import { useZone } from '../time/zone';
import { CrowdingNote } from './crowding';
import type { JobState } from './opened';
import { bodyOf, emptyTemplate, payloadProblem, templateOf, type Template } from './template';
import { TemplateFields } from './template-fields';
import { Widgets } from '../frame/widgets';

const IN_A_MINUTE_MS = 60_000;

const QUICK = [
  ['now', 0],
  ['in 10 s', 10_000],
  ['in 5 min', 300_000],
  ['in 1 h', 3_600_000],
  ['in a day', 86_400_000],
] as const;

const wholeSecondIn = (ms: number): string =>
  new Date(Math.ceil((serverNow() + ms) / 1_000) * 1_000).toISOString();

const sentenceOf = (name: string, dueAt: string | undefined, zone: string, now: number): string => {
  const what = name.trim() === '' ? 'A job' : `“${name.trim()}”`;
  if (dueAt === undefined) return `${what}, at some time`;
  const at = Date.parse(dueAt);
  return at <= now ? `${what} runs now` : `${what} runs at ${moment(at, zone, now)}`;
};

const Form = ({ like }: { readonly like: Job | undefined }) => {
  const go = useGo();
  const client = useQueryClient();
  const { zone } = useZone();
  const now = useNow();
  const { sendForm, error, errors, isBusy } = useSending();
  const [name, setName] = useState(like?.name ?? '');
  const [field, setField] = useState(() => ({
    given: wholeSecondIn(IN_A_MINUTE_MS),
    times: 0,
  }));
  const [dueAt, setDueAt] = useState<string | undefined>(field.given);
  const [template, setTemplate] = useState<Template>(like ? templateOf(like) : emptyTemplate);
  const errorAt = errorsBy(errors);
  const isWhole =
    name.trim() !== '' && dueAt !== undefined && payloadProblem(template) === undefined;

  const choose = (at: string): void => {
    setField(({ times }) => ({ given: at, times: times + 1 }));
    setDueAt(at);
  };

  const schedule = async (): Promise<void> => {
    const body = { name: name.trim(), dueAt, ...bodyOf(template) };
    const made = await sendForm<CommandedJob>('v1/jobs', body);
    if (!made) return;
    void client.resetQueries({ queryKey: ['jobs'] });
    const crowded = made.warnings?.[0];
    go(`/jobs/${made.jobId}`, {
      state: { ...(crowded && { crowded }) } satisfies JobState,
      replace: true,
    });
  };

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isWhole) void schedule();
      }}
    >
      <div className="head">
        <h1 dir="auto">{sentenceOf(name, dueAt, zone, now)}</h1>
        <div className="actions">
          <Link to="/jobs" className="button button-plain">
            Back
          </Link>
          <button type="submit" className="button" disabled={!isWhole || isBusy}>
            Schedule it
          </button>
        </div>
      </div>
      {error !== undefined && <Notice error={error} />}
      <section className="panel form form-page">
        <TextInput
          label="Name"
          value={name}
          required
          maxLength={200}
          autoFocus
          error={errorAt('name')}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
        />
        <div>
          <DueField key={field.times} label="Due" value={field.given} onChange={setDueAt} />
          {errorAt('dueAt') !== undefined && <p className="wrong">{errorAt('dueAt')}</p>}
          <div className="chips quick">
            {QUICK.map(([label, inMs]) => (
              <button
                key={label}
                type="button"
                className="chip"
                onClick={() => choose(wholeSecondIn(inMs))}
              >
                {label}
              </button>
            ))}
          </div>
          <CrowdingNote dueAt={dueAt} onChoose={choose} />
        </div>
        <TemplateFields
          template={template}
          onChange={(change) => setTemplate((before) => ({ ...before, ...change }))}
          errorAt={errorAt}
        />
      </section>
    </form>
  );
};

const NewJob = () => {
  const go = useGo();
  const [search] = useSearchParams();
  const likeId = search.get('like');
  const like = useQuery({
    queryKey: ['job', likeId],
    queryFn: ({ signal }) => readFresh<Job>(`v1/jobs/${likeId ?? ''}`, {}, signal),
    enabled: likeId !== null,
  });
  useKeys({ Escape: () => go('/jobs') });
  return (
    <>
      <title>Schedule a job · Punctual</title>
      <nav className="crumbs" aria-label="Where this is">
        <Link to="/jobs">Jobs</Link> / New
      </nav>
      {like.error && <Notice error={like.error} />}
      {(likeId === null || like.data) && <Form like={like.data} />}
    </>
  );
};

export const NewJobPage = () => (
  <Widgets>
    <NewJob />
  </Widgets>
);
