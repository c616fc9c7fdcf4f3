import { auditExport } from './export/export';
import { auditJob } from './job';
import { auditKey } from './key';
import { auditVerify } from './verify/verify';
import type { Verb } from '../verb';
import { verbGroup } from '../verb-group';

const auditVerbs: Readonly<Record<string, Verb>> = {
  job: auditJob,
  verify: auditVerify,
  export: auditExport,
  key: auditKey,
};

/** The verbs that look into the log. */
export const audit = verbGroup({
  name: 'audit',
  summary: "tell a job's story from the log; hold everything against the promises",
  verbs: auditVerbs,
});
