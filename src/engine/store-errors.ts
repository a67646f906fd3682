/** SQLSTATE classes that say nothing against the data: connection, resources, operator, conflict between transactions. */
const PASSING = /^(08|40|53|55|57|58)/;

/** true: the same work can succeed later, and nobody's row is to blame. */
export function isPassing(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, sqlState } = error as { code?: unknown; sqlState?: unknown };
  for (const value of [sqlState, code])
    if (typeof value === 'string' && (PASSING.test(value) || /^(ECONN|EPIPE|ETIMEDOUT)/.test(value))) return true;
  return false;
}
