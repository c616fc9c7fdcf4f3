import { useCallback, useEffect, useRef, useState } from 'react';

/** Rows that are drawn before and after those in view. */
const BEYOND = 8;

type Shown = { readonly from: number; readonly to: number };

/** Which rows of a long list are in view while the page scrolls: only these are in the document. */
export const useWindow = (count: number, rowHeight: number) => {
  const list = useRef<HTMLDivElement>(null);
  const [shown, setShown] = useState<Shown>({ from: 0, to: 30 });

  useEffect(() => {
    let frame = 0;
    const look = (): void => {
      frame = 0;
      const top = list.current?.getBoundingClientRect().top ?? 0;
      const from = Math.max(0, Math.floor(-top / rowHeight) - BEYOND);
      const to = Math.ceil((window.innerHeight - top) / rowHeight) + BEYOND;
      setShown((before) => (before.from === from && before.to === to ? before : { from, to }));
    };
    const later = (): void => {
      if (frame === 0) frame = requestAnimationFrame(look);
    };
    look();
    window.addEventListener('scroll', later, { passive: true });
    window.addEventListener('resize', later);
    return () => {
      cancelAnimationFrame(frame);
      window.removeEventListener('scroll', later);
      window.removeEventListener('resize', later);
    };
  }, [count, rowHeight]);

  /** Brings a row into view, clear of what lies over the page. */
  const bring = useCallback(
    (index: number): void => {
      const box = list.current?.getBoundingClientRect();
      if (!box) return;
      const top = box.top + index * rowHeight;
      const margin = 3 * rowHeight;
      if (top < margin) window.scrollBy({ top: top - margin });
      else if (top + rowHeight > window.innerHeight - margin)
        window.scrollBy({ top: top + rowHeight + margin - window.innerHeight });
    },
    [rowHeight],
  );

  return { list, from: Math.min(shown.from, count), to: Math.min(shown.to, count), bring };
};
