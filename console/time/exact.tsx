import { useEffect, useId, useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import { fullMoment } from './format';
import { useZone } from './zone';

const COPIED_MS = 1_500;
const APART_PX = 6;

type TipProps = { readonly id: string; readonly text: string; readonly of: HTMLElement };

/** Over all else, also over a dialog; above what it is of, or below where there is no room. */
const Tip = ({ id, text, of }: TipProps) => {
  const tip = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    const shown = tip.current;
    if (!shown) return;
    shown.showPopover();
    const [place, own] = [of.getBoundingClientRect(), shown.getBoundingClientRect()];
    const above = place.top - own.height - APART_PX;
    const left = Math.min(place.left, window.innerWidth - own.width - APART_PX);
    shown.style.top = `${above > 0 ? above : place.bottom + APART_PX}px`;
    shown.style.left = `${Math.max(APART_PX, left)}px`;
  }, [of, text]);
  return (
    <span ref={tip} id={id} role="tooltip" popover="manual" className="moment-tip">
      {text}
    </span>
  );
};

type ExactProps = {
  readonly at: string;
  readonly className?: string;
  /** What is shown of it. */
  readonly children: ReactNode;
};

/** An instant: what it is in all detail on hover and focus, copied in UTC by a click. */
export const Exact = ({ at, className = '', children }: ExactProps) => {
  const { zone } = useZone();
  const id = useId();
  const [of, setOf] = useState<HTMLElement>();
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return undefined;
    const timer = setTimeout(() => setCopied(false), COPIED_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const hide = (): void => setOf(undefined);
  return (
    <>
      <button
        type="button"
        className={`moment ${className}`}
        aria-describedby={of && id}
        onPointerEnter={({ currentTarget }) => setOf(currentTarget)}
        onPointerLeave={hide}
        onFocus={({ currentTarget }) => {
          if (currentTarget.matches(':focus-visible')) setOf(currentTarget);
        }}
        onBlur={hide}
        onKeyDown={({ key }) => {
          if (key === 'Escape') hide();
        }}
        onClick={(event) => {
          event.stopPropagation();
          setOf(event.currentTarget);
          void navigator.clipboard?.writeText(at).then(() => setCopied(true));
        }}
      >
        {children}
      </button>
      {of && <Tip id={id} of={of} text={isCopied ? 'Copied' : fullMoment(Date.parse(at), zone)} />}
    </>
  );
};
