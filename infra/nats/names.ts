/** Where executors send requests. With a gateway's id as one more token, claims and reports go to that one alone. */
export type ExecutorSubjects = {
  readonly claim: string;
  readonly report: string;
  readonly heartbeat: string;
};

/** What a system is called on the broker, which others may use as well. */
export type BrokerNames = {
  /** The stream of job messages that no executor has acknowledged yet. */
  readonly stream: string;
  /** Stands before queue and job in the subject of a message. */
  readonly dueRoot: string;
  /** The subjects of all messages, as the stream takes them. */
  readonly dueSubjects: string;
  /** All below the root, those of a form that no message has included. */
  readonly allDue: string;
  /** The subjects of a queue's messages. */
  readonly dueFilter: (queue: string) => string;
  /** @throws RangeError for a queue name or a job id that does not fit into a subject: a caller's bug */
  readonly dueSubject: (queue: string, jobId: string) => string;
  readonly executor: ExecutorSubjects;
};

/** Job ids and queue names are made of these, so that neither adds a token or a wildcard to a subject. */
const token = /^[A-Za-z0-9_-]{1,64}$/;

/** @param prefix  keeps the names apart from those of another system; absent for the only one */
export const brokerNames = (prefix: string | undefined): BrokerNames => {
  const before = prefix === undefined ? '' : `${prefix}.`;
  const dueRoot = `${before}jobs.due`;
  return {
    stream: prefix === undefined ? 'JOBS_DUE' : `${prefix}_JOBS_DUE`, // no dots in the name of a stream
    dueRoot,
    dueSubjects: `${dueRoot}.*.*`,
    allDue: `${dueRoot}.>`,
    dueFilter: (queue) => `${dueRoot}.${queue}.*`,
    dueSubject: (queue, jobId) => {
      for (const part of [queue, jobId])
        if (!token.test(part))
          throw new RangeError(`${JSON.stringify(part)} does not fit a subject`);
      return `${dueRoot}.${queue}.${jobId}`;
    },
    executor: {
      claim: `${before}executor.claim`,
      report: `${before}executor.report`,
      heartbeat: `${before}executor.heartbeat`,
    },
  };
};

/** The durable consumer of a queue. */
export const consumerName = (queue: string): string => `queue-${queue}`;
