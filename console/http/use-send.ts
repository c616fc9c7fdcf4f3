import { useMutation } from '@tanstack/react-query';
import { isSentAgain, pauseMs } from './again';

/** What is being sent, among all that the client waits for. */
export const SENDING = ['send'] as const;

/**
 * Runs what sends a command, again a few times while the server is away; every page says so meanwhile, and when it is
 * not seen yet.
 *
 * @param isOnce  it has no key by which the server would know it again
 * @returns takes what is run; it sends under one key, so that sent again it is the same command
 */
export const useSend = ({ isOnce = false } = {}) => {
  const { mutateAsync } = useMutation({
    mutationKey: SENDING,
    mutationFn: async (task: () => Promise<unknown>) => await task(),
    retry: isOnce ? false : isSentAgain,
    retryDelay: pauseMs,
    networkMode: 'always', // nothing is kept back to be sent when nobody thinks of it any more
  });
  return async <T>(task: () => Promise<T>): Promise<T> => (await mutateAsync(task)) as T; // what the task gave
};
