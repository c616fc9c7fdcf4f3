import { operationIdOf } from '../ids';
import type { OperationTrace } from '../operation/event-kinds/kind';
import {
  operationKindOf,
  type AuditedOperationEvent,
  type OperationEventType,
} from '../operation/events';
import { operationLayout } from './operation-layout';
import { operationRules } from './operation-rules';
import { streamAudit, type StreamAudit } from './stream-audit';
import type { Violation } from './violation';

export type OperationAudit = StreamAudit<OperationTrace, AuditedOperationEvent>;

/** Holds operations against the spec: their batches come in order and once, and what they end with is the sum of them. */
export const operationAudit = (report: (violation: Violation) => void): OperationAudit =>
  streamAudit<OperationTrace, AuditedOperationEvent>(
    {
      layout: operationLayout,
      rules: operationRules,
      begins: (type) => type === ('OperationStarted' satisfies OperationEventType),
      subjectOf: (stream) => operationIdOf(stream) ?? stream,
      advance: (operation, event) => {
        operationKindOf(event.type).trace(operation, event);
        operation.revision = event.revision;
        operation.position = event.position;
        operation.lastType = event.type;
      },
    },
    report,
    () => undefined,
  );
