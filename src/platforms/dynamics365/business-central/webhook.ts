import { z } from 'zod';
import type { Delivery, Signal, Verdict } from '../../../platform/contract.ts';
import { bodyText } from '../../../platform/http.ts';
import { readJson } from '../../../platform/json.ts';
import { refused, sameSignature } from '../../../platform/signature.ts';
import type { DynamicsConfig } from '../config.ts';

/** Tables that can be subscribed to and tell of sales or of the catalogue. */
export const TABLES = ['salesOrders', 'salesInvoices', 'salesCreditMemos', 'items'] as const;

const TOKEN_LENGTH_MAX = 2_048;

const notifications = z.object({
  value: z.array(
    z.object({ clientState: z.string().nullish(), resource: z.string(), changeType: z.string().nullish() }),
  ),
});

/**
 * Business Central signs nothing. It repeats the text that we gave it when we subscribed, in every row: that is all the proof
 * there is, so a notification only makes us ask. The question it asks at set-up is answered to anybody, as plain text.
 */
export function verify(delivery: Delivery, config: DynamicsConfig): Verdict {
  const token = validationToken(delivery);
  if (token !== undefined)
    return {
      verdict: 'handshake',
      reply: {
        status: 200,
        headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
        body: token,
      },
    };
  if (!config.webhookSecret)
    return refused(
      'no-secret',
      'No secret is set for notifications. Connect the channel again, so that Onhand registers it.',
    );
  const read = notifications.safeParse(bodyOf(delivery));
  if (!read.success) return refused('malformed', 'This is not a notification of Business Central.');
  const states = read.data.value.map(({ clientState }) => clientState);
  if (states.length === 0 || states.some((state) => !state))
    return refused('no-signature', 'A notification without clientState: it is not from a subscription of Onhand.');
  if (!states.every((state) => sameSignature(state ?? undefined, config.webhookSecret ?? '')))
    return refused(
      'bad-signature',
      'The clientState is another than we gave. Connect the channel again to register anew.',
    );
  return { verdict: 'ok', topic: 'changes' };
}

function validationToken({ path }: Delivery): string | undefined {
  const query = path.indexOf('?');
  const token = query < 0 ? null : new URLSearchParams(path.slice(query)).get('validationToken');
  return token && token.length <= TOKEN_LENGTH_MAX ? token : undefined;
}

function bodyOf(delivery: Delivery): unknown {
  try {
    return readJson(bodyText(delivery));
  } catch {
    return undefined;
  }
}

const RESOURCE = /(?:^|\/)companies\(([0-9a-f-]{36})\)\/(\w{1,40})\(([0-9a-f-]{36})\)$/i;
const KINDS: Record<string, string> = { salesOrders: 'order', salesInvoices: 'invoice', salesCreditMemos: 'credit' };

/**
 * @throws Error when the body is not a list of notifications. "collection" (too many changes to name) says nothing of its
 * own; the feeds tell those.
 */
export function decode(delivery: Delivery, _topic: string, config: DynamicsConfig): Signal[] {
  const { account } = config;
  const { value } = notifications.parse(readJson(bodyText(delivery)));
  return value.flatMap(({ resource, changeType }): Signal[] => {
    const [, company, table, row] = RESOURCE.exec(resource) ?? [];
    if (!table || !row || company?.toLowerCase() !== account.toLowerCase()) return [];
    const id = row.toLowerCase();
    const kind = KINDS[table];
    // Deleted is no cancellation: posting the last of an order deletes it, too.
    if (kind) return [{ kind: 'document-changed', account, doc: `${kind}:${id}` }];
    if (table !== 'items') return [];
    if (changeType === 'updated') return [{ kind: 'dirty', account, stockKey: id, location: null }];
    return [{ kind: 'listing-changed', account, listing: id }];
  });
}
