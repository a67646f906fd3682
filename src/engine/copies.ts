import type { Doc } from '../domain/document.ts';
import type { Account, Channel, EngineContext } from './context.ts';

/**
 * Which of our own accounts this order was copied from; null for a sale of its own. An order whose origin names a system
 * we do not connect is a real sale as far as we can know: it posts.
 */
export function copySource(
  context: EngineContext,
  account: Account,
  channel: Channel | undefined,
  doc: Doc,
): string | null {
  if (!doc.origin) return null;
  const named = doc.origin.source.toLowerCase();
  if (channel?.settings.copiesFrom.some((source) => source.toLowerCase() === named))
    return `${doc.origin.source} ${doc.origin.id}`;
  const original = context.accounts
    .all()
    .find(
      (other) =>
        other.row.id !== account.row.id &&
        (other.platform.facts.id === named ||
          other.row.key.toLowerCase() === named ||
          other.channels.some((one) => one.name.toLowerCase() === named)),
    );
  return original ? `${original.row.key} ${doc.origin.id}` : null;
}
