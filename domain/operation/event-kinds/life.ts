import { digestOf } from '../../audit/digest';
import { because, quoted, who } from '../../audit/phrases';
import {
  anything,
  isCount,
  isObject,
  isText,
  optional,
  type FieldCheck,
  type Fields,
} from '../../events/fields';
import type { OperationDefinition } from '../definition';
import { countsOf, noOutcomes, type OutcomeCounts } from '../outcomes';
import { isOpen, known } from '../state';
import { operationEvent, type OperationTrace } from './kind';

const isMove: FieldCheck = (value) => Number.isSafeInteger(value);

const definition: Fields<OperationDefinition> = {
  ownerId: isText,
  role: isText,
  kind: isText,
  selection: (value) => isObject(value) && isText(value['by']),
  byMs: optional(isMove),
  reason: optional(isText),
};

const whatOf = ({ kind, selection }: OperationDefinition): string => {
  switch (selection.by) {
    case 'filter':
      return `to ${kind} what fits ${quoted(JSON.stringify(selection.filter))}`;
    case 'ids':
      return `to ${kind} the jobs that are named`;
    case 'undo':
      return `to undo operation ${selection.operationId}`;
  }
};

const counts: Fields<OutcomeCounts> = {
  changed: isCount,
  unchanged: isCount,
  refused: isCount,
  left: isCount,
};

/** The sums that an operation ends with are those of its batches. */
const sums = {
  name: 'operation-sum',
  breach: (
    operation: Readonly<OperationTrace>,
    { type, data }: { readonly type: string; readonly data: OutcomeCounts },
  ): string | undefined => {
    const wrong = (['changed', 'unchanged', 'refused'] as const).find(
      (name) => data[name] !== operation[name],
    );
    if (wrong !== undefined)
      return `${type} tells of ${data[wrong]} jobs that are ${wrong}, and its batches of ${operation[wrong]}`;
    const all = data.changed + data.unchanged + data.refused + data.left;
    return all === operation.items
      ? undefined
      : `${type} tells of ${all} jobs, and ${operation.items} were selected`;
  },
};

// The type names and the fields of all kinds are the storage format: never renamed, never removed.

/** Events that begin and end an operation. */
export const life = {
  OperationStarted: operationEvent<OperationDefinition>({
    fields: definition,
    lawfulIn: ['none'],
    evolve: (_state, { at, revision, data }) => ({
      ...{ status: 'selecting', definition: data, revision, startedAt: at },
      ...{ batches: 0, items: 0, isSelected: false, progressed: 0 },
      ...noOutcomes,
    }),
    trace: (operation, { at, data }) => {
      operation.status = 'selecting';
      operation.startedAt = at;
      operation.definition = digestOf(JSON.stringify(data));
    },
    rules: [],
    tell: ({ data, metadata }) =>
      `${who(metadata.actor)} started it ${whatOf(data)}${because(data.reason)}`,
  }),

  OperationStopRequested: operationEvent<{ readonly reason?: string }>({
    fields: { reason: optional(isText) },
    lawfulIn: ['selecting', 'running'],
    evolve: (state, fact) => ({
      ...known(state, fact),
      status: 'stopping',
      revision: fact.revision,
      ...(fact.data.reason !== undefined && { note: fact.data.reason }),
    }),
    trace: (operation) => {
      operation.status = 'stopping';
    },
    rules: [],
    tell: ({ data, metadata }) => `${who(metadata.actor)} stopped it${because(data.reason)}`,
  }),

  OperationCompleted: operationEvent<OutcomeCounts>({
    fields: counts,
    lawfulIn: ['running'],
    evolve: (state, fact) => ({
      ...known(state, fact),
      status: 'completed',
      revision: fact.revision,
      endedAt: fact.at,
      ...countsOf(fact.data),
    }),
    trace: (operation) => {
      operation.status = 'completed';
    },
    rules: [sums],
    tell: ({ data }) =>
      `it is done: ${data.changed} jobs changed, ${data.unchanged} were so already, ${data.refused} refused`,
  }),

  /** `problem`: why nobody asked for it. */
  OperationStopped: operationEvent<OutcomeCounts & { readonly problem?: string }>({
    fields: { ...counts, problem: anything },
    lawfulIn: ['selecting', 'stopping'],
    evolve: (state, fact) => {
      const before = known(state, fact);
      if (!isOpen(before)) throw new Error(`${fact.type} of an operation that has ended`);
      return {
        ...before,
        status: 'stopped',
        revision: fact.revision,
        endedAt: fact.at,
        ...countsOf(fact.data),
        ...(fact.data.problem !== undefined && { note: String(fact.data.problem) }),
      };
    },
    trace: (operation, { data }) => {
      operation.status = 'stopped';
      operation.left = data.left;
    },
    rules: [sums],
    tell: ({ data }) =>
      `it ended before it was through: ${data.changed} jobs changed, ${data.left} were left alone`,
  }),
};
