import { useEffect, useState } from 'react';

/**
 * A value that is changed by hand, many times a second: it is passed on once it has rested for `pauseMs`.
 *
 * @returns what to show, and how to change it
 */
export const useHeld = <T extends string | number>(
  value: T,
  onRest: (value: T) => void,
  pauseMs: number,
): readonly [T, (value: T) => void] => {
  const [held, setHeld] = useState<T>();
  const [known, setKnown] = useState(value);
  if (known !== value) {
    setKnown(value);
    setHeld(undefined);
  }
  useEffect(() => {
    if (held === undefined || held === value) return undefined;
    const timer = setTimeout(() => onRest(held), pauseMs);
    return () => clearTimeout(timer);
  });
  return [held ?? value, setHeld];
};
