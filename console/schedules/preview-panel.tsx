import { Problem } from '../http/problem';
import { CrowdingNote } from '../jobs/crowding';
import { Exact } from '../time/exact';
import { day, relative, wallClock } from '../time/format';
import { useNow } from '../time/now';
import { leftOutAt, notedAt, type AtChange } from './consequences';
import { usePreview, type Rule } from './use-preview';

const A_DAY_MS = 24 * 60 * 60_000;

type LineProps = {
  readonly dueAt: string;
  readonly localTime: string;
  readonly note?: string | undefined;
  readonly zone: string;
};

const OccurrenceLine = ({ dueAt, localTime, note, zone }: LineProps) => {
  const now = useNow();
  const at = Date.parse(dueAt);
  return (
    <li>
      <span>{day(at, zone, now)}</span>
      <span>
        <Exact at={dueAt}>{wallClock(localTime.slice(11, 19))}</Exact>{' '}
        <span className="soft">{localTime.slice(19)}</span>
      </span>
      <span className="soft">{Math.abs(at - now) < A_DAY_MS ? relative(at, now, zone) : ''}</span>
      {note !== undefined && <span className="note">{note}</span>}
    </li>
  );
};

/** The next change of clocks concerns those that have a note; where none has, nothing moves. */
const AroundChange = ({ zone, ...around }: AtChange & { readonly zone: string }) => {
  const now = useNow();
  const noted = notedAt(around);
  const skipped = leftOutAt(around, zone);
  const isQuiet = noted.length === 0 && skipped.length === 0;
  return (
    <section className="panel">
      <h2>When clocks change, {day(around.change.at, zone, now)}</h2>
      <ul className="preview">
        {noted.map((one) => (
          <OccurrenceLine key={one.dueAt} {...one} zone={zone} />
        ))}
        {skipped.slice(0, 3).map(({ localTime, reason }) => (
          <li key={localTime}>
            <span>{day(Date.parse(`${localTime}Z`), 'UTC', now)}</span>
            <span>{wallClock(localTime.slice(11, 19))}</span>
            <span className="note">left out: {reason}</span>
          </li>
        ))}
      </ul>
      {isQuiet && (
        <p className="soft">No run of this rule falls on what clocks leave out or show twice.</p>
      )}
    </section>
  );
};

const whyNot = (error: Error): string => {
  if (!(error instanceof Problem)) return 'The rule cannot be read.';
  return error.errors[0]?.reason ?? `${error.message}. ${error.detail}`;
};

type PreviewPanelProps = {
  readonly rule: Rule;
  /** A quieter minute was chosen for it; absent where the rule is a text that has to be written. */
  readonly onChoose?: ((dueAt: string) => void) | undefined;
};

export const PreviewPanel = ({ rule, onChoose }: PreviewPanelProps) => {
  const { next, changes, forward, back } = usePreview(rule);
  const isBackNext = (changes.back?.at ?? Infinity) < (changes.forward?.at ?? Infinity);
  const [change, around] = isBackNext ? [changes.back, back] : [changes.forward, forward];
  const zone = rule.timeZone;
  return (
    <div aria-live="polite">
      <section className="panel">
        <h2>Next</h2>
        {next.error && <p className="wrong">{whyNot(next.error)}</p>}
        {next.data && !next.error && (
          <>
            <ul className="preview">
              {next.data.occurrences.map((one) => (
                <OccurrenceLine key={one.dueAt} {...one} zone={zone} />
              ))}
            </ul>
            <CrowdingNote dueAt={next.data.occurrences[0]?.dueAt} onChoose={onChoose} />
            {next.data.meaning.map((sentence) => (
              <p key={sentence} className="hint">
                {sentence}
              </p>
            ))}
          </>
        )}
      </section>
      {around.data && change && !next.error && (
        <AroundChange found={around.data} {...{ change, zone }} />
      )}
    </div>
  );
};
