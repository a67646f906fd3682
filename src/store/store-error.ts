/**
 * What went wrong in the store. The class, not the message, picks the next move:
 *
 * | code | next move |
 * | --- | --- |
 * | store-value | a row cannot be stored as it is (too large, a NUL byte, a constraint): bisect the batch, set that row aside |
 * | store-conflict | another transaction was in the way and retries did not help: the same again later |
 * | store-unavailable | no connection; nothing was done: wait, then the same again |
 * | store-unknown-outcome | the commit was not answered: it may have been done; post again (posting is by state) |
 * | store-full | disk, memory or connections of the database are used up: tell a person, wait |
 * | store-statement | a mistake of this program (unknown column, protocol misuse): tell a person |
 * | store-aborted | a statement failed, its error was swallowed, and the commit rolled back: nothing was stored |
 * | store-nested | the database was asked directly inside its own transaction: use `tx` |
 * | store-closed | asked after `close()`, or through a transaction that has ended |
 * | store-io | the database's disk or engine failed, perhaps after the commit. Embedded: exit, a new process recovers what was acknowledged |
 * | store-in-use | another process has the folder open |
 * | store-folder | the folder is not a store, or may not be read |
 * | store-version | the store was written by another version (of PostgreSQL, or of this program) |
 */
export type StoreErrorCode =
  | 'store-value'
  | 'store-conflict'
  | 'store-unavailable'
  | 'store-unknown-outcome'
  | 'store-full'
  | 'store-statement'
  | 'store-aborted'
  | 'store-nested'
  | 'store-closed'
  | 'store-io'
  | 'store-in-use'
  | 'store-folder'
  | 'store-version';

export class StoreError extends Error {
  /** PostgreSQL's five characters, where the database itself refused. */
  readonly sqlState?: string;
  /** The constraint that was broken, where one was. */
  readonly constraint?: string;
  constructor(
    readonly code: StoreErrorCode,
    /** One sentence for a person; ends with what to do next where there is something to do. */
    message: string,
    details: { cause?: unknown; sqlState?: string; constraint?: string } = {},
  ) {
    super(message, { cause: details.cause });
    this.name = 'StoreError';
    this.sqlState = details.sqlState;
    this.constraint = details.constraint;
  }
}

/** By SQLSTATE, then by its class of two characters (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
const CODES: Record<string, StoreErrorCode> = {
  '40001': 'store-conflict',
  '40P01': 'store-conflict',
  '55P03': 'store-conflict',
  // A key too long for its index, a row too wide: the row's fault, unlike the rest of class 54.
  '54000': 'store-value',
  '53300': 'store-unavailable',
  // Read only: a server that was demoted while we were connected.
  '25006': 'store-unavailable',
  '25P02': 'store-aborted',
  '25P03': 'store-unavailable',
  '08P01': 'store-statement',
  '08': 'store-unavailable',
  '22': 'store-value',
  '23': 'store-value',
  '28': 'store-unavailable',
  '3D': 'store-unavailable',
  '53': 'store-full',
  // Shut down, starting up, cancelled by an administrator or a time limit.
  '57': 'store-unavailable',
  '58': 'store-io',
  // Data or an index is damaged. The rest of class XX is any internal error, and says nothing of the files.
  XX001: 'store-io',
  XX002: 'store-io',
};

/** A StoreError for whatever `pg` threw. Errors without an SQLSTATE come from the connection, or from turning values into bytes. */
export function storeError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const { message, code, constraint, detail } = error as Error & {
    code?: string;
    constraint?: string;
    detail?: string;
  };
  if (isServerError(error)) {
    const sqlState = code ?? '';
    // Whatever its code (a file that cannot grow has XX000): this engine is dead, and may have been while committing.
    const isPanic = (error as { severity?: string }).severity === 'PANIC';
    const kind = isPanic ? 'store-io' : (CODES[sqlState] ?? CODES[sqlState.slice(0, 2)] ?? 'store-statement');
    const text = detail && kind !== 'store-value' ? `${message} (${detail})` : message;
    return new StoreError(kind, text, { cause: error, sqlState, constraint });
  }
  if (isConnectionError(error))
    return new StoreError('store-unavailable', `No connection to the database: ${message}`, { cause: error });
  return new StoreError('store-statement', `The statement could not be sent: ${message}`, { cause: error });
}

/** The database itself answered with an error, so connection and protocol are in step. */
export function isServerError(error: unknown): boolean {
  const { code, severity } = error as { code?: unknown; severity?: unknown };
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && typeof severity === 'string';
}

/** pg gives its own connection errors no code, so its texts are known here and nowhere else. */
function isConnectionError(error: unknown): boolean {
  const { code, syscall, message } = error as { code?: string; syscall?: string; message?: string };
  if (syscall !== undefined || /^(E[A-Z]+|ERR_SOCKET|ERR_TLS|ERR_SSL|CERT_|DEPTH_|SELF_|UNABLE_)/.test(code ?? ''))
    return true;
  return /^(Connection terminated|Client has encountered a connection error|Client was closed|timeout e|The server does not support SSL|There was an error establishing an SSL|SASL)/.test(
    message ?? '',
  );
}
