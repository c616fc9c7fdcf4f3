import { UsageError, type Verb } from './verb';

type Group = {
  readonly name: string;
  readonly summary: string;
  readonly verbs: Readonly<Record<string, Verb>>;
  /** What all of them have in common, as a sentence that ends in a space; may be empty. */
  readonly about?: string;
};

/** A verb that is only the first word of others. */
export const verbGroup = ({ name, summary, verbs, about = '' }: Group): Verb => ({
  summary,
  usage: [
    `usage: punctual ${name} VERB [flags]`,
    '',
    ...Object.entries(verbs).map(([word, verb]) => `  ${word.padEnd(10)}${verb.summary}`),
    '',
    `${about}punctual ${name} VERB --help tells the flags of a verb.`,
    '',
  ].join('\n'),
  verbs,
  run: ([word]) =>
    Promise.reject(
      new UsageError(
        word === undefined ? 'which one?' : `there is no verb ${JSON.stringify(word)}`,
      ),
    ),
});
