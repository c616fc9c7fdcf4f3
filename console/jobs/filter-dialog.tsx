import { useEffect, useId, useRef, useState, type ReactNode } from 'react';
import { useSearchParams } from 'react-router';
import { Dialog } from '../frame/dialog';
import { useGo } from '../frame/link';
import { sessionStore } from '../http/session';
import { useZone } from '../time/zone';
import { fromField, toField } from '../time/zones';
import { withFilter, type Filter, type FilterField } from './filter';

type FieldProps = {
  readonly label: ReactNode;
  readonly name: FilterField;
  readonly value: string | undefined;
  readonly isTime?: boolean;
};

const Field = ({ label, name, value, isTime = false }: FieldProps) => {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        name={name}
        defaultValue={value}
        autoComplete="off"
        spellCheck={false}
        dir="auto"
        {...(isTime ? { type: 'datetime-local', step: 1 } : { maxLength: 200 })}
      />
    </div>
  );
};

const TEXTS = [
  'q',
  'tag',
  'queue',
  'errorCode',
  'ownerId',
] as const satisfies readonly FilterField[];
const TIMES = ['from', 'to'] as const satisfies readonly FilterField[];

/** What the list is to show, field by field; the status has its chips. */
export const FilterDialog = ({
  filter,
  onClose,
}: {
  readonly filter: Filter;
  readonly onClose: () => void;
}) => {
  const go = useGo();
  const [search] = useSearchParams();
  const { zone } = useZone();
  const [isWrong, setWrong] = useState(false);
  const isOperator = sessionStore.current()?.role === 'operator';
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector('input')?.focus(), []);
  const timeOf = (text: string | undefined): string | undefined => {
    const at = text === undefined ? NaN : Date.parse(text);
    return Number.isNaN(at) ? undefined : toField(at, zone);
  };

  const show = (): void => {
    const given = new FormData(form.current ?? undefined);
    const textOf = (name: string): string => {
      const value = given.get(name);
      return typeof value === 'string' ? value.trim() : '';
    };
    const times = TIMES.map((name) => {
      const text = textOf(name);
      return [name, text === '' ? '' : fromField(text, zone)] as const;
    });
    setWrong(times.some(([, at]) => at === undefined));
    const change: Partial<Record<FilterField, string>> = {};
    for (const name of TEXTS) change[name] = textOf(name);
    for (const [name, at] of times) {
      if (at === undefined) return;
      change[name] = at === '' ? '' : new Date(at).toISOString();
    }
    go({ search: withFilter(search, change) });
    onClose();
  };

  return (
    <Dialog title="Show only jobs" onClose={onClose}>
      <form
        ref={form}
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          show();
        }}
      >
        <Field label="Named, a part of it" name="q" value={filter.q} />
        <div className="fields">
          <Field label="Tagged" name="tag" value={filter.tag} />
          <Field label="In queue" name="queue" value={filter.queue} />
        </div>
        <div className="fields">
          <Field label="Failed with error" name="errorCode" value={filter.errorCode} />
          {isOperator && <Field label="Of owner" name="ownerId" value={filter.ownerId} />}
        </div>
        <div className="fields">
          <Field label="Due from" name="from" value={timeOf(filter.from)} isTime />
          <Field label="Due before" name="to" value={timeOf(filter.to)} isTime />
        </div>
        <p className={isWrong ? 'wrong' : 'hint'} role="status">
          {isWrong
            ? `Clocks of ${zone} do not show such a time.`
            : `Times on the clocks of ${zone}.`}
        </p>
        <div className="actions">
          <button type="submit" className="button">
            Show them
          </button>
          <button
            type="button"
            className="button button-plain"
            onClick={() => {
              const none = Object.fromEntries([...TEXTS, ...TIMES].map((name) => [name, '']));
              go({ search: withFilter(search, none) });
              onClose();
            }}
          >
            Show all
          </button>
        </div>
      </form>
    </Dialog>
  );
};
