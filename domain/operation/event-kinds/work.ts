import { addedDigest, digestOf } from '../../audit/digest';
import { isCount, isText, optional, type FieldCheck } from '../../events/fields';
import { isUuid } from '../../ids';
import { countedOutcomes } from '../outcomes';
import { known, type KnownOperation } from '../state';
import { operationEvent, type OperationTrace } from './kind';

/** A batch of jobs, and where it stands among all. */
type Batch = {
  /** From 0 on. */
  readonly batch: number;
  /** How many jobs are in the batches before it. */
  readonly from: number;
};

const isListOf =
  (isOne: (text: string) => boolean): FieldCheck =>
  (value) =>
    Array.isArray(value) && value.every((one) => typeof one === 'string' && isOne(one));
const isOutcome = (text: string): boolean => /^[a-z-]{1,40}$/.test(text);
const isPosition: FieldCheck = (value) => isText(value) && /^-?\d{1,19}$/.test(String(value));

/** What tells a batch of jobs, or of outcomes, from all others. */
export const batchDigest = (batch: number, texts: readonly string[]): number =>
  digestOf(`${batch} ${texts.join(',')}`);

const outOfOrder = (
  type: string,
  { batch, from }: Batch,
  next: { readonly batch: number; readonly from: number },
): string | undefined =>
  batch === next.batch && from === next.from
    ? undefined
    : `${type} of batch ${batch} from job ${from} on, where batch ${next.batch} from job ${next.from} on comes next`;

const isAgain = ({ batch }: Batch): boolean => batch === 0;

/** What a selection that begins again had before. */
const unselected = (operation: OperationTrace): void => {
  operation.batches = 0;
  operation.items = 0;
  operation.selectedDigest = 0;
};

/** Events that say which jobs an operation is about, and what became of them. */
export const work = {
  /** The first batch again: the selection began anew, as of a later position. */
  OperationSelected: operationEvent<Batch & { readonly jobIds: readonly string[] }>({
    fields: { batch: isCount, from: isCount, jobIds: isListOf(isUuid) },
    lawfulIn: ['selecting'],
    evolve: (state, fact) => {
      const { batch, from, jobIds } = fact.data;
      return {
        ...known(state, fact),
        revision: fact.revision,
        batches: batch + 1,
        items: from + jobIds.length,
      };
    },
    trace: (operation, { data }) => {
      if (isAgain(data)) unselected(operation);
      operation.batches = data.batch + 1;
      operation.items = data.from + data.jobIds.length;
      operation.selectedDigest = addedDigest(
        operation.selectedDigest,
        batchDigest(data.batch, data.jobIds),
      );
    },
    rules: [
      {
        name: 'operation-order',
        breach: ({ batches, items }, { type, data }) =>
          isAgain(data)
            ? outOfOrder(type, data, { batch: 0, from: 0 })
            : outOfOrder(type, data, { batch: batches, from: items }),
      },
    ],
    tell: ({ data }) => `${data.jobIds.length} jobs were selected`,
  }),

  /** All jobs are known; from now on they are changed. */
  OperationSelectionCompleted: operationEvent<{ readonly items: number; readonly asOf?: string }>({
    fields: { items: isCount, asOf: optional(isPosition) },
    lawfulIn: ['selecting'],
    evolve: (state, fact): KnownOperation => ({
      ...known(state, fact),
      status: 'running',
      revision: fact.revision,
      isSelected: true,
      ...(fact.data.asOf !== undefined && { asOf: fact.data.asOf }),
    }),
    trace: (operation) => {
      operation.status = 'running';
      operation.isSelected = true;
    },
    rules: [
      {
        name: 'operation-sum',
        breach: ({ items }, { type, data }) =>
          items === data.items
            ? undefined
            : `${type} tells of ${data.items} jobs, and its batches of ${items}`,
      },
    ],
    tell: ({ data }) =>
      `these are all, ${data.items}${data.asOf === undefined ? '' : `, as of position ${data.asOf}`}`,
  }),

  /** One outcome for each job of the batch, in its order. */
  OperationProgressed: operationEvent<Batch & { readonly outcomes: readonly string[] }>({
    fields: { batch: isCount, from: isCount, outcomes: isListOf(isOutcome) },
    lawfulIn: ['running', 'stopping'],
    evolve: (state, fact) => {
      const before = known(state, fact);
      return {
        ...before,
        revision: fact.revision,
        progressed: fact.data.batch + 1,
        ...countedOutcomes(before, fact.data.outcomes),
      };
    },
    trace: (operation, { data }) => {
      Object.assign(operation, countedOutcomes(operation, data.outcomes));
      operation.progressed = data.batch + 1;
      operation.told = data.from + data.outcomes.length;
      operation.outcomesDigest = addedDigest(
        operation.outcomesDigest,
        batchDigest(data.batch, data.outcomes),
      );
    },
    rules: [
      {
        name: 'operation-order',
        breach: ({ progressed, told, batches }, { type, data }) =>
          data.batch < batches
            ? outOfOrder(type, data, { batch: progressed, from: told })
            : `${type} of batch ${data.batch}, and ${batches} were selected`,
      },
    ],
    tell: ({ data }) => `${data.outcomes.length} jobs were gone through`,
  }),
};
