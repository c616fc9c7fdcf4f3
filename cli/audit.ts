import { auditJob } from './audit-job';
import { UsageError, type Verb } from './verb';

const auditVerbs: Readonly<Record<string, Verb>> = { job: auditJob };

const usage = Object.values(auditVerbs)
  .map((verb) => verb.usage)
  .join('\n');

const run: Verb['run'] = async ([name, ...args], surroundings) => {
  const verb = name !== undefined && Object.hasOwn(auditVerbs, name) ? auditVerbs[name] : undefined;
  if (!verb) throw new UsageError(`say what to audit: ${Object.keys(auditVerbs).join(', ')}`);
  return await verb.run(args, surroundings);
};

export const audit: Verb = { summary: 'what happened and why, told from the log', usage, run };
