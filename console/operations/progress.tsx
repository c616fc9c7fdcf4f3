import type { Operation } from '../http/answers';
import { count } from '../time/format';
import { isOpen } from './words';

const PARTS = ['changed', 'unchanged', 'refused', 'left'] as const;

const NAMES: Readonly<Record<(typeof PARTS)[number], string>> = {
  changed: 'changed',
  unchanged: 'so already',
  refused: 'refused',
  left: 'left alone',
};

/** How many an operation has gone through; undefined while its jobs are looked up. */
const throughOf = ({ items, progress }: Operation): number | undefined =>
  items === null ? undefined : items - progress.waiting;

/** How far it is, in numbers. */
export const progressText = (operation: Operation): string => {
  const { items, progress } = operation;
  const through = throughOf(operation);
  if (items === null || through === undefined) return 'looking its jobs up';
  if (items === 0) return 'no job fitted';
  const told = PARTS.filter((part) => progress[part] > 0).map(
    (part) => `${count(progress[part])} ${NAMES[part]}`,
  );
  const far = isOpen(operation) ? [`${count(through)} of ${count(items)}`] : [];
  return [...far, ...told].join(' · ');
};

/** A bar of what became of the jobs; it fills from the left and keeps its size. */
export const Progress = ({ operation }: { readonly operation: Operation }) => {
  const { items, progress } = operation;
  const share = (many: number): string =>
    items === null || items === 0 ? '0%' : `${(many / items) * 100}%`;
  return (
    <div
      className="progress"
      role="progressbar"
      aria-label="Jobs that it has gone through"
      aria-valuemin={0}
      aria-valuemax={items ?? 1}
      aria-valuenow={throughOf(operation) ?? 0}
      aria-valuetext={progressText(operation)}
    >
      {PARTS.map((part) => (
        <span key={part} className={`progress-${part}`} style={{ width: share(progress[part]) }} />
      ))}
    </div>
  );
};
