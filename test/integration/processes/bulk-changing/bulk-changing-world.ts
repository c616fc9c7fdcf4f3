import {
  operationCommands,
  type AskedOperation,
} from '../../../../commands/operations/operation-commands';
import type { CommandContext } from '../../../../commands/answers';
import type { EventLog } from '../../../../domain/event-log';
import { operationStream } from '../../../../domain/ids';
import type { OperationView } from '../../../../domain/operation/view';
import { operationViewOf } from '../../../../domain/operation/view';
import { uuids } from '../../../../infra/ids';
import { listenTo } from '../../../../infra/postgres/listen';
import {
  bulkChanger,
  tellsOfOperations,
  type BulkChangerDeps,
} from '../../../../processes/bulk-changing/bulk-changer';
import { operationItems } from '../../../../projections/queries/operations/items';
import { knownOperations } from '../../../../projections/queries/operations/known-operations';
import { openOperations } from '../../../../projections/queries/operations/open';
import { operationSelection } from '../../../../projections/queries/operations/selection';
import { silentBulkChangerMetrics } from '../../../support/bulk-changer';
import { silentLogger } from '../../../support/processes';
import { until } from '../../../support/until';
import { context, type World } from '../world';

const clock = { now: () => Date.now() };

/** Operations over a world: started, carried out, looked at. */
export const bulkChangingIn = (world: World) => {
  const { db, url } = world.readModel;
  const known = knownOperations(db);
  const commands = operationCommands({ log: world.log, clock, ids: uuids, known });
  const notices = listenTo({ url, applicationName: 'test', channel: 'projected' });
  const itemsOf = operationItems(db);

  const start = async (asked: AskedOperation, by: CommandContext = context): Promise<string> => {
    const answer = await commands.start(asked, by);
    if (answer.outcome !== 'accepted') throw new Error(JSON.stringify(answer));
    return answer.operationId;
  };
  const look = async (operationId: string): Promise<OperationView | undefined> => {
    const found = await known.find(operationId);
    return found && operationViewOf(operationId, found);
  };
  return {
    commands,
    known,
    start,
    look,
    dispose: () => notices.stop(),
    /** One that goes as fast as it can. */
    changer: (changes: Partial<BulkChangerDeps> = {}, log: EventLog = world.log) =>
      bulkChanger({
        ...{ log, clock, ids: uuids },
        open: openOperations(db),
        selection: operationSelection(db),
        room: { look: () => Promise.resolve({ isLate: false }), idleShare: () => 1 },
        exclusively: async (work) => {
          await work(new AbortController().signal);
          return true;
        },
        onOperations: (changed) =>
          notices.subscribe({
            onMessage: (payload) => {
              if (tellsOfOperations(payload)) changed();
            },
            onConnect: changed,
          }),
        logger: silentLogger,
        draw: Math.random,
        metrics: silentBulkChangerMetrics,
        ...changes,
        settings: { mostPerSecond: 100_000, everyMs: 50, ...changes.settings },
      }),
    untilEnded: (operationId: string) =>
      until(
        async () => {
          const view = await look(operationId);
          return view?.endedAt ? view : undefined;
        },
        { what: `operation ${operationId} has ended` },
      ),
    items: async (operationId: string) => (await itemsOf(operationId, { limit: 10_000 })).items,
    page: itemsOf,
    events: async (operationId: string) =>
      (await world.log.read(operationStream(operationId))).map(({ type }) => type),
  };
};

export type BulkChanging = ReturnType<typeof bulkChangingIn>;
