import { z } from 'zod';
import type { Delivery, Signal, Verdict } from '../../../platform/contract.ts';
import { bodyText } from '../../../platform/http.ts';
import { readJson } from '../../../platform/json.ts';
import { refused, sameSignature } from '../../../platform/signature.ts';
import { idOf } from '../api.ts';
import type { DynamicsConfig } from '../config.ts';

/** The header that the service endpoint sends along; Dataverse keeps its value and shows it to nobody. */
export const KEY_HEADER = 'x-onhand-key';

/** Dataverse signs nothing: a fixed text in a header is all the proof there is, so a message only makes us ask. */
export function verify({ headers }: Delivery, config: DynamicsConfig): Verdict {
  if (!config.webhookSecret)
    return refused(
      'no-secret',
      'No key is set for webhooks. Connect the channel again, so that Onhand registers them.',
    );
  const given = headers[KEY_HEADER]?.trim();
  if (!given)
    return refused('no-signature', `The header ${KEY_HEADER} is missing: this is not from our service endpoint.`);
  if (!sameSignature(given, config.webhookSecret))
    return refused('bad-signature', `${KEY_HEADER} holds another key. Connect the channel again to register anew.`);
  return { verdict: 'ok', topic: 'execution-context' };
}

const attribute = z.object({ key: z.string(), value: z.unknown().optional() });
const image = z.object({ value: z.object({ Attributes: z.array(attribute).nullish() }).nullish() });
const context = z.object({
  MessageName: z.string(),
  PrimaryEntityName: z.string(),
  PrimaryEntityId: z.string(),
  PreEntityImages: z.array(image).nullish(),
  PostEntityImages: z.array(image).nullish(),
});
const reference = z.object({ Id: z.string() });

/**
 * The context of one execution. Of an order only its id counts, of a line the order that an image names; beyond 256 KB Dataverse
 * drops the images, and then the feed tells.
 * @throws Error when the body is no execution context.
 */
export function decode(delivery: Delivery, _topic: string, { account }: DynamicsConfig): Signal[] {
  const told = context.parse(readJson(bodyText(delivery)));
  const id = idOf(told.PrimaryEntityId);
  if (!id) return [];
  switch (told.PrimaryEntityName) {
    case 'salesorder':
      return [{ kind: 'document-changed', account, doc: `order:${id}` }];
    case 'salesorderdetail': {
      const images = [...(told.PostEntityImages ?? []), ...(told.PreEntityImages ?? [])];
      const named = images
        .flatMap(({ value }) => value?.Attributes ?? [])
        .find(({ key }) => key === 'salesorderid')?.value;
      const order = idOf(reference.safeParse(named).data?.Id);
      return order ? [{ kind: 'document-changed', account, doc: `order:${order}` }] : [];
    }
    case 'product':
      if (told.MessageName === 'Create') return [{ kind: 'listing-changed', account, listing: id }];
      return [{ kind: 'dirty', account, stockKey: id, location: null }];
    default:
      return [];
  }
}
