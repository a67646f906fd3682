import { z } from 'zod';
import { type Delivery, NO_LOCATION, type Signal, type Verdict } from '../../platform/contract.ts';
import { bodyText } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';
import { refused, verifyHmac } from '../../platform/signature.ts';
import type { QboConfig } from './config.ts';
import { docName, entityOf } from './sale-doc.ts';

export const SIGNATURE_HEADER = 'intuit-signature';

const id = z.union([z.string().min(1), z.number().int()]).transform(String);

/** Mandatory since 31 July 2026: a list that may mix several companies. */
const cloudEvents = z.array(
  z.object({
    type: z.string(),
    intuitentityid: id,
    intuitaccountid: id,
    data: z.object({ deletedid: id.nullish() }).nullish(),
  }),
);
/** Before that. */
const notifications = z.object({
  eventNotifications: z.array(
    z.object({
      realmId: id,
      dataChangeEvent: z
        .object({
          entities: z.array(z.object({ name: z.string(), id, operation: z.string(), deletedId: id.nullish() })),
        })
        .nullish(),
    }),
  ),
});

interface Event {
  account: string;
  /** `salesreceipt`, `item` … */
  entity: string;
  /** `created`, `updated`, `deleted`, `merged`, `voided`, `emailed`. */
  verb: string;
  ids: string[];
}

const VERBS: Record<string, string> = {
  create: 'created',
  update: 'updated',
  delete: 'deleted',
  merge: 'merged',
  void: 'voided',
  emailed: 'emailed',
};

/** @throws Error when it is neither form */
function eventsOf(delivery: Delivery): Event[] {
  const body = readJson(bodyText(delivery));
  if (Array.isArray(body))
    return cloudEvents.parse(body).map((one) => {
      const [, entity = '', verb = ''] = one.type.toLowerCase().split('.');
      return { account: one.intuitaccountid, entity, verb, ids: idsOf(one.intuitentityid, one.data?.deletedid) };
    });
  return notifications.parse(body).eventNotifications.flatMap(({ realmId, dataChangeEvent }) =>
    (dataChangeEvent?.entities ?? []).map((one) => ({
      account: realmId,
      entity: one.name.toLowerCase(),
      verb: VERBS[one.operation.toLowerCase()] ?? one.operation.toLowerCase(),
      ids: idsOf(one.id, one.deletedId),
    })),
  );
}

const idsOf = (first: string, merged: string | null | undefined): string[] => (merged ? [first, merged] : [first]);

/** Over the raw body alone, under the app's verifier token; both forms are signed alike. Total. */
export function verify(delivery: Delivery, config: QboConfig): Verdict {
  const bad = verifyHmac(delivery.headers[SIGNATURE_HEADER], {
    algorithm: 'sha256',
    encoding: 'base64',
    secret: config.webhookSecret,
    parts: [delivery.body],
    header: SIGNATURE_HEADER,
    secretFrom: 'App dashboard > Webhooks > Show verifier token (Production and Development have different ones)',
  });
  if (bad) return bad;
  try {
    eventsOf(delivery);
    return { verdict: 'ok', topic: 'events' };
  } catch {
    return refused('malformed', 'The body is neither a list of CloudEvents nor eventNotifications.');
  }
}

/** Untrusted. Several companies in one delivery: any of them will do, the app's token is the same. */
export function accountOf(delivery: Delivery): string | undefined {
  try {
    const [first, ...others] = new Set(eventsOf(delivery).map(({ account }) => account));
    return others.length === 0 ? first : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Verified bytes to signals, each of its own company. Ids alone: sales are fetched, quantities read. Our own adjustments come
 * back here as changed items.
 * @throws Error when the body is neither form
 */
export function decode(delivery: Delivery, _topic: string, config: QboConfig): Signal[] {
  return eventsOf(delivery).flatMap(({ account, entity, verb, ids }): Signal[] => {
    const sale = entityOf(entity);
    // Whether another company's sales count is for its own settings to say: a fetch is never wrong.
    if (sale && (config.salesHere === 'count' || account !== config.account) && verb !== 'emailed')
      return ids.map((one) => ({ kind: 'document-changed', account, doc: docName(sale, one) }));
    if (entity !== 'item') return [];
    return ids.flatMap((one): Signal[] => {
      const dirty: Signal = { kind: 'dirty', account, stockKey: one, location: NO_LOCATION };
      return verb === 'updated' ? [dirty] : [dirty, { kind: 'listing-changed', account, listing: one }];
    });
  });
}
