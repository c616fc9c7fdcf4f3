import { useRef, useState } from 'react';
import { send, type Sending } from './client';
import { Problem, type FieldError } from './problem';
import { useSend } from './use-send';

/** Sends a form. Sent again unchanged, whatever became of it, it is the same request. */
export const useSending = () => {
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const last = useRef({ text: '', key: '' });
  const run = useSend();

  const sendForm = async <T extends object>(
    path: string,
    body?: object,
    options: Omit<Sending, 'key'> = {},
  ): Promise<T | undefined> => {
    const text = JSON.stringify([path, body, options]);
    if (last.current.text !== text) last.current = { text, key: crypto.randomUUID() };
    const { key } = last.current;
    setBusy(true);
    setError(undefined);
    try {
      return await run(() => send<T>(path, body, { ...options, key }));
    } catch (refusal) {
      setError(refusal);
      return undefined;
    } finally {
      setBusy(false);
    }
  };
  const errors: readonly FieldError[] = error instanceof Problem ? error.errors : [];
  return { sendForm, error, errors, isBusy };
};
