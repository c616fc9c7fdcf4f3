import { useKeys } from './keys';

/**
 * `j` and `k` go from row to row.
 *
 * @param ids  of what takes the focus in each row
 * @param onGo  is told which row that is
 */
export const useRowKeys = (ids: readonly string[], onGo?: (index: number) => void): void => {
  const go = (by: number): void => {
    const at = ids.indexOf(document.activeElement?.id ?? '');
    const next = at < 0 ? 0 : at + by;
    const row = document.getElementById(ids[next] ?? '');
    row?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: 'nearest' });
    if (row) onGo?.(next);
  };
  useKeys({ j: () => go(1), k: () => go(-1) });
};
