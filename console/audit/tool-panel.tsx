import type { ReactNode } from 'react';
import { Notice } from '../frame/notice';
import { saveFile } from '../frame/save-file';
import { count, span } from '../time/format';
import { Moment } from '../time/moment';
import { useNow } from '../time/now';
import { sentenceOf } from './tool-line';
import { startTool, stopTool, useToolRun, type ToolName, type ToolRun } from './tool-runs';

/** What an exit code of the command line means. */
export type Endings = Readonly<Record<number, { readonly text: string; readonly isWell: boolean }>>;

const FAILED = { text: 'It failed: nothing is proved or changed.', isWell: false };
const KILLED = { text: 'It was killed before its end.', isWell: false };
const BROKE_OFF = { text: 'The answer broke off before its end.', isWell: false };
const STOPPED = { text: 'Stopped.', isWell: true };

const endingOf = ({ exitCode, wasStopped }: ToolRun, endings: Endings) => {
  if (wasStopped) return STOPPED;
  if (exitCode === undefined) return BROKE_OFF;
  return exitCode === null ? KILLED : (endings[exitCode] ?? FAILED);
};

type RunProps = { readonly run: ToolRun; readonly endings: Endings };

const Ended = ({ run, endings }: RunProps) => {
  if (run.error) return <Notice error={run.error} />;
  const { text, isWell } = endingOf(run, endings);
  return (
    <p className={isWell ? 'verdict verdict-ok' : 'verdict verdict-fail'}>
      <b>{text}</b> <Moment at={new Date(run.endedAt ?? run.startedAt).toISOString()} />, after{' '}
      {span((run.endedAt ?? run.startedAt) - run.startedAt)}.
    </p>
  );
};

const Going = ({ run }: { readonly run: ToolRun }) => {
  const now = useNow();
  return (
    <p aria-busy className="soft">
      Runs for {span(Math.max(0, now - run.startedAt))}.{' '}
      {run.progress ? `${sentenceOf(run.progress) ?? ''}.` : ''}
    </p>
  );
};

const Run = ({ run, endings }: RunProps) => {
  const sentences = run.lines.flatMap((line) => sentenceOf(line) ?? []);
  return (
    <div className="tool-run">
      <div role="status">
        {run.endedAt === undefined ? <Going run={run} /> : <Ended run={run} endings={endings} />}
      </div>
      {sentences.length > 0 && (
        <ul className="tool-lines" tabIndex={0} aria-label="What it told">
          {sentences.map((sentence, n) => (
            <li key={n}>{sentence}</li>
          ))}
        </ul>
      )}
      {run.moreLines > 0 && <p className="hint">and {count(run.moreLines)} lines more</p>}
    </div>
  );
};

type ToolPanelProps = {
  readonly name: ToolName;
  readonly title: string;
  /** What it is for, in a sentence. */
  readonly about: string;
  readonly verb: string;
  readonly endings: Endings;
  /** The fields of `body`. */
  readonly children: ReactNode;
  readonly body: object;
};

/** One tool: what to ask of it, how far it is, and what it found. */
export const ToolPanel = ({
  name,
  title,
  about,
  verb,
  endings,
  children,
  body,
}: ToolPanelProps) => {
  const run = useToolRun(name);
  const isGoing = run !== undefined && run.endedAt === undefined;
  return (
    <section className="panel" aria-label={title}>
      <h2>{title}</h2>
      <p className="soft">{about}</p>
      <form
        className="form more"
        onSubmit={(event) => {
          event.preventDefault();
          void startTool(name, body);
        }}
      >
        {children}
        <div className="actions">
          <button type="submit" className="button" disabled={isGoing}>
            {verb}
          </button>
          {isGoing && (
            <button type="button" className="button button-plain" onClick={() => stopTool(name)}>
              Stop
            </button>
          )}
          {run?.file && (
            <button
              type="button"
              className="button button-plain"
              onClick={() => run.file && saveFile('punctual-export.jsonl', run.file)}
            >
              Save the file ({count(run.file.size)} bytes)
            </button>
          )}
        </div>
      </form>
      {run && <Run run={run} endings={endings} />}
    </section>
  );
};
