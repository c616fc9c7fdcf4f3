import { useEffect, useId, useRef, type ReactNode } from 'react';

type DialogProps = {
  readonly title: ReactNode;
  readonly onClose: () => void;
  readonly children: ReactNode;
};

/** A question or a list before all else, as long as it is drawn; focus goes back to where it came from. */
export const Dialog = ({ title, onClose, children }: DialogProps) => {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    const shown = dialog.current;
    shown?.showModal();
    return () => {
      shown?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      className="dialog"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={({ target }) => {
        if (target === dialog.current) onClose(); // beside it
      }}
    >
      <div className="dialog-body">
        <h2 id={id} className="dialog-title">
          <span dir="auto">{title}</span>
          <button type="button" className="quiet" aria-label="Close" onClick={onClose}>
            ×
          </button>
        </h2>
        {children}
      </div>
    </dialog>
  );
};
