import { ClaimAnswer, ClaimAnswers, ClaimBatch, claimRefusals, ClaimRequest } from './claim';
import { Heartbeat, HeartbeatAnswer } from './heartbeat';
import { JobDue } from './job-due';
import { ReportAnswer, ReportAnswers, ReportBatch, reportRefusals, ReportRequest } from './report';

const schemas = {
  JobDue,
  ClaimRequest,
  ClaimBatch,
  ClaimAnswer,
  ClaimAnswers,
  ReportRequest,
  ReportBatch,
  ReportAnswer,
  ReportAnswers,
  Heartbeat,
  HeartbeatAnswer,
};

const codeTable = (refusals: Readonly<Record<string, string>>): string =>
  [
    '| Code | Meaning |',
    '| --- | --- |',
    ...Object.entries(refusals).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`),
  ].join('\n');

/** The part of docs/executor-protocol.md that is written from the code: refusal codes and JSON Schemas. */
export const protocolReference = (): string =>
  [
    '### Why a claim is refused',
    codeTable(claimRefusals),
    '### Why a report is refused',
    codeTable(reportRefusals),
    ...Object.entries(schemas).flatMap(([name, schema]) => [
      `### ${name}`,
      `\`\`\`json\n${JSON.stringify(schema, null, 2)}\n\`\`\``,
    ]),
  ].join('\n\n');
