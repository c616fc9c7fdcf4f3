import { auditExport } from './export/export';
import { auditJob } from './job';
import { auditKey } from './key';
import { auditVerify } from './verify/verify';
import { UsageError, type Verb } from '../verb';

const auditVerbs: Readonly<Record<string, Verb>> = {
  job: auditJob,
  verify: auditVerify,
  export: auditExport,
  key: auditKey,
};

const usage = [
  'usage: punctual audit VERB [flags]',
  '',
  ...Object.entries(auditVerbs).map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`),
  '',
  'punctual audit VERB --help tells the flags of a verb.',
  '',
].join('\n');

/** The verbs that look into the log. */
export const audit: Verb = {
  summary: "tell a job's story from the log; hold everything against the promises",
  usage,
  verbs: auditVerbs,
  run: ([word]) =>
    Promise.reject(
      new UsageError(
        word === undefined ? 'which one?' : `there is no verb ${JSON.stringify(word)}`,
      ),
    ),
};
