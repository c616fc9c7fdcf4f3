import { useMemo, useSyncExternalStore } from 'react';
import { useSearchParams } from 'react-router';
import { ALL_COLUMNS, USUAL_COLUMNS, type ColumnKey } from './columns';

/** How a list looks, whatever it shows. */
export type Look = { readonly columns: readonly ColumnKey[]; readonly isDense: boolean };

const KEY = 'punctual-look';
const NAMES = ['cols', 'rows'] as const;

const lookIn = (search: URLSearchParams, usual: Look): Look => {
  const [cols, rows] = NAMES.map((name) => search.get(name));
  const asked = cols?.split(',') ?? [];
  return {
    columns: cols ? ALL_COLUMNS.filter((key) => asked.includes(key)) : usual.columns,
    isDense: rows ? rows === 'dense' : usual.isDense,
  };
};

/** The address with a look, whatever somebody else's list usually looks like. */
export const withLook = (search: URLSearchParams, { columns, isDense }: Look): URLSearchParams => {
  const after = new URLSearchParams(search);
  after.set('cols', columns.length > 0 ? columns.join(',') : 'none');
  after.set('rows', isDense ? 'dense' : 'roomy');
  return after;
};

const USUAL: Look = { columns: USUAL_COLUMNS, isDense: false };

const kept = (): Look => {
  try {
    return lookIn(new URLSearchParams(localStorage.getItem(KEY) ?? ''), USUAL);
  } catch {
    return USUAL;
  }
};

let chosen = kept();
const listeners = new Set<() => void>();
const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

const keep = (look: Look): void => {
  chosen = look;
  try {
    localStorage.setItem(KEY, withLook(new URLSearchParams(), look).toString());
  } catch {
    // it lasts as long as the page
  }
  for (const listener of listeners) listener();
};

/** The look of the address, so that it can be sent to a colleague, else the one chosen last in this browser. */
export const useLook = (): readonly [Look, (look: Look) => void] => {
  const [search, setSearch] = useSearchParams();
  const usual = useSyncExternalStore(subscribe, () => chosen);
  const choose = (look: Look): void => {
    keep(look);
    setSearch((before) => withLook(before, look), { replace: true });
  };
  const look = useMemo(() => lookIn(search, usual), [search, usual]);
  return [look, choose];
};
