/** One SQL statement. With a name it is prepared once a session, so the same name always has the same text. */
export type Statement = {
  readonly name?: string;
  readonly text: string;
  readonly values?: readonly unknown[];
};

export type StatementResult = {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly rowCount: number;
};

/**
 * The one connection that a projector writes by. Locks and transactions belong to it and end with it,
 * so a projector that lost it can no longer write.
 */
export type WriteSession = {
  /** Sends all at once and settles when all are answered. @throws the first error, in the order of the statements */
  readonly send: (statements: readonly Statement[]) => Promise<readonly StatementResult[]>;
  readonly close: () => Promise<void>;
};

export type OpenWriteSession = () => Promise<WriteSession>;

export const sendOne = async (
  session: WriteSession,
  statement: Statement,
): Promise<StatementResult> => {
  const [result] = await session.send([statement]);
  if (!result) throw new Error('a statement was sent and not answered');
  return result;
};
