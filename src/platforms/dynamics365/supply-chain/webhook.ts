import { z } from 'zod';
import type { Delivery, Signal, Verdict } from '../../../platform/contract.ts';
import { bodyText } from '../../../platform/http.ts';
import { readJson } from '../../../platform/json.ts';
import { refused, sameSignature } from '../../../platform/signature.ts';
import type { DynamicsConfig } from '../config.ts';

/** Events are not signed; the address given to the endpoint carries a key, so an event only makes us ask. */
export function verify({ path }: Delivery, config: DynamicsConfig): Verdict {
  if (!config.webhookSecret)
    return refused('no-secret', 'No key is set for events. Connect the channel again, so that Onhand makes one.');
  const query = path.indexOf('?');
  const given = query < 0 ? null : new URLSearchParams(path.slice(query)).get('code');
  if (!given)
    return refused('no-signature', 'The address has no ?code=: give the endpoint the whole address that Onhand shows.');
  if (!sameSignature(given, config.webhookSecret))
    return refused('bad-signature', 'The ?code= is another: give the endpoint the address that Onhand shows.');
  return { verdict: 'ok', topic: 'event' };
}

const business = z.object({
  BusinessEventLegalEntity: z.string(),
  SalesOrderId: z.string().min(1),
});
const attribute = z.object({ key: z.string(), value: z.unknown().optional() });
const target = z.object({ value: z.object({ Attributes: z.array(attribute) }) });
const data = z.object({
  MessageName: z.string(),
  InputParameters: z.array(z.unknown()),
  PreEntityImages: z.array(z.unknown()).nullish(),
});

/**
 * Business events name their order, data events carry the row that changed. Legal entities are written in capitals in the one
 * and in small letters in the other.
 * @throws Error when the body is neither.
 */
export function decode(delivery: Delivery, _topic: string, { account }: DynamicsConfig): Signal[] {
  const body = readJson(bodyText(delivery));
  const changed = (company: string, number: string): Signal[] =>
    company.toLowerCase() === account.toLowerCase()
      ? [{ kind: 'document-changed', account, doc: `order:${number}` }]
      : [];
  const event = business.safeParse(body);
  if (event.success) return changed(event.data.BusinessEventLegalEntity, event.data.SalesOrderId);
  if (typeof body === 'object' && body !== null && 'BusinessEventId' in body) return [];
  const { InputParameters, PreEntityImages } = data.parse(body);
  const attributes = [...InputParameters, ...(PreEntityImages ?? [])].flatMap(
    (parameter) => target.safeParse(parameter).data?.value.Attributes ?? [],
  );
  const text = (suffix: string): string | undefined => {
    const value = attributes.find(({ key }) => key.toLowerCase().endsWith(suffix))?.value;
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const number = text('salesordernumber');
  return number ? changed(text('dataareaid') ?? account, number) : [];
}
