import type { HttpAnswer } from './http';
import { until } from './until';

/** Sends a keyed request until it gets an answer that means something, as a good client does. */
export const insist = (send: () => Promise<HttpAnswer>): Promise<HttpAnswer> =>
  until(
    async () => {
      const answer = await send();
      return answer.status < 500 ? answer : undefined;
    },
    { what: 'a request is answered for good' },
  );
