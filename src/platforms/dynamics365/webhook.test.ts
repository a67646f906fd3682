import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../platform/contract.ts';
import { dynamics365 } from './index.ts';
import { COMPANY, id, settings } from './testing/scripted.ts';

const SECRET = 'aSecretOfOurs0123456789';
const of = (flavour: string, more: Record<string, unknown> = {}) =>
  settings({
    flavour,
    webhookSecret: SECRET,
    apiUrl: 'https://contoso.crm4.dynamics.com',
    inventoryUrl: 'https://inventory.contoso.example',
    environmentId: id(9),
    ...(flavour === 'supply-chain' && { account: 'usmf' }),
    ...more,
  });

const delivery = (body: unknown, more: Partial<Delivery> = {}): Delivery => ({
  method: 'POST',
  path: '/hooks/x',
  headers: {},
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  receivedAt: '2026-11-24T10:00:00.000Z',
  ...more,
});

const central = (clientState: unknown, resource = `api/v2.0/companies(${COMPANY})/salesOrders(${id(1)})`) => ({
  value: [
    {
      subscriptionId: 'webhook-1',
      clientState,
      expirationDateTime: '2026-11-27T10:00:00Z',
      resource,
      changeType: 'updated',
      lastModifiedDateTime: '2026-11-24T09:59:30Z',
    },
  ],
});

describe('proof that a message is for us', () => {
  const cases: [flavour: string, given: (secret: string | undefined) => Delivery][] = [
    ['business-central', (secret) => delivery(central(secret))],
    ['dataverse', (secret) => delivery({}, { headers: secret === undefined ? {} : { 'x-onhand-key': secret } })],
    ['supply-chain', (secret) => delivery({}, { path: secret === undefined ? '/hooks/x' : `/hooks/x?code=${secret}` })],
  ];
  it.each(cases)('%s: good, one letter off, another case, empty, none, and no secret set', (flavour, given) => {
    const verdict = (secret: string | undefined, config = of(flavour)) => {
      const answer = dynamics365.verify(given(secret), config, 0);
      return answer.verdict === 'refused' ? answer.why : answer.verdict;
    };
    expect(verdict(SECRET)).toBe('ok');
    expect(verdict(`b${SECRET.slice(1)}`)).toBe('bad-signature');
    expect(verdict(SECRET.toUpperCase())).toBe('bad-signature');
    expect(verdict(`${SECRET}0`)).toBe('bad-signature');
    expect(verdict('')).toBe('no-signature');
    expect(verdict(undefined)).toBe('no-signature');
    expect(verdict(SECRET, of(flavour, { webhookSecret: undefined }))).toBe('no-secret');
  });

  it('Business Central: every row must carry it, and a list without rows proves nothing', () => {
    const mixed = { value: [...central(SECRET).value, ...central('other').value] };
    expect(dynamics365.verify(delivery(mixed), of('business-central'), 0)).toMatchObject({ why: 'bad-signature' });
    expect(dynamics365.verify(delivery({ value: [] }), of('business-central'), 0)).toMatchObject({
      why: 'no-signature',
    });
    expect(dynamics365.verify(delivery('<html>'), of('business-central'), 0)).toMatchObject({ why: 'malformed' });
  });

  it('Business Central: the question at set-up is given back as plain text, before any secret exists', () => {
    const asked = delivery('', { path: '/hooks/x?validationToken=a%3Cb%3E1' });
    const answer = dynamics365.verify(asked, of('business-central', { webhookSecret: undefined }), 0);
    expect(answer).toMatchObject({ verdict: 'handshake', reply: { status: 200, body: 'a<b>1' } });
    if (answer.verdict === 'handshake') expect(answer.reply.headers?.['content-type']).toMatch(/^text\/plain/);
    const long = delivery('', { path: `/hooks/x?validationToken=${'x'.repeat(3000)}` });
    expect(dynamics365.verify(long, of('business-central'), 0).verdict).toBe('refused');
    // The other products ask no such thing.
    expect(dynamics365.verify(asked, of('dataverse'), 0).verdict).toBe('refused');
  });
});

describe('what a message tells', () => {
  const decode = (flavour: string, body: unknown) => dynamics365.decode(delivery(body), 'x', of(flavour));

  it('Business Central: names what to ask for; deleted is no cancellation; collections and strangers say nothing', () => {
    const at = (table: string, changeType = 'updated', company = COMPANY) => ({
      value: [{ ...central(SECRET, `/api/v2.0/companies(${company})/${table}(${id(7)})`).value[0], changeType }],
    });
    const changed = (doc: string) => [{ kind: 'document-changed', account: COMPANY, doc }];
    expect(decode('business-central', at('salesOrders', 'deleted'))).toEqual(changed(`order:${id(7)}`));
    expect(decode('business-central', at('salesInvoices'))).toEqual(changed(`invoice:${id(7)}`));
    expect(decode('business-central', at('salesCreditMemos', 'created'))).toEqual(changed(`credit:${id(7)}`));
    expect(decode('business-central', at('items'))).toMatchObject([{ kind: 'dirty', stockKey: id(7), location: null }]);
    expect(decode('business-central', at('items', 'created'))).toMatchObject([{ kind: 'listing-changed' }]);
    expect(decode('business-central', at('salesOrders', 'updated', id(99)))).toEqual([]);
    const collection = `api/v2.0/companies(${COMPANY})/salesOrders?$filter=lastModifiedDateTime gt 2026-11-24T09:00:00Z`;
    expect(decode('business-central', central(SECRET, collection))).toEqual([]);
    expect(() => decode('business-central', {})).toThrow();
  });

  it('Dataverse: an order by its id, a line by its image, a product by what changed', () => {
    const context = (name: string, message: string, more = {}) => ({
      MessageName: message,
      PrimaryEntityName: name,
      PrimaryEntityId: id(3),
      ...more,
    });
    const image = [
      {
        key: 'order',
        value: { Attributes: [{ key: 'salesorderid', value: { Id: id(5), LogicalName: 'salesorder' } }] },
      },
    ];
    expect(decode('dataverse', context('salesorder', 'Update'))).toMatchObject([{ doc: `order:${id(3)}` }]);
    for (const images of [{ PostEntityImages: image }, { PreEntityImages: image }])
      expect(decode('dataverse', context('salesorderdetail', 'Update', images))).toMatchObject([
        { doc: `order:${id(5)}` },
      ]);
    // Beyond 256 KB the images are dropped.
    expect(decode('dataverse', context('salesorderdetail', 'Update'))).toEqual([]);
    expect(decode('dataverse', context('product', 'Update'))).toMatchObject([{ kind: 'dirty', stockKey: id(3) }]);
    expect(decode('dataverse', context('product', 'Create'))).toMatchObject([{ kind: 'listing-changed' }]);
    expect(decode('dataverse', context('account', 'Create'))).toEqual([]);
  });

  it('Supply Chain: business events in capitals, data events with their row', () => {
    const event = { BusinessEventId: 'SalesInvoicePostedBusinessEvent', BusinessEventLegalEntity: 'USMF' };
    const changed = [{ kind: 'document-changed', account: 'usmf', doc: 'order:000812' }];
    expect(decode('supply-chain', { ...event, ControlNumber: 5637166326, SalesOrderId: '000812' })).toEqual(changed);
    expect(decode('supply-chain', { ...event, BusinessEventLegalEntity: 'DEMF', SalesOrderId: '000812' })).toEqual([]);
    expect(decode('supply-chain', { ...event, BusinessEventId: 'CustFreeTextInvoicePosted' })).toEqual([]);
    const row = {
      MessageName: 'Update',
      InputParameters: [{ key: 'Target', value: { Attributes: [{ key: 'mserp_salesordernumber', value: '000812' }] } }],
    };
    expect(decode('supply-chain', row)).toEqual(changed);
    const before = { ...row, InputParameters: [], PreEntityImages: row.InputParameters };
    expect(decode('supply-chain', before)).toEqual(changed);
    expect(() => decode('supply-chain', { anything: 1 })).toThrow();
  });

  it.each([
    ['business-central', 'business-central-notification', 'order:26814998-936a-401c-81c1-0e848a64971d'],
    ['dataverse', 'dataverse-execution-context', 'order:5d1f1d0e-8c41-4f27-9d0a-3a2b7c6e5f01'],
    ['supply-chain', 'supply-chain-business-event', 'order:000812'],
  ])('%s: the documented body, whole', (flavour, file, doc) => {
    const body = readFileSync(new URL(`./fixtures/${file}.json`, import.meta.url));
    const given = delivery('', { body, headers: { 'x-onhand-key': SECRET }, path: `/hooks/x?code=${SECRET}` });
    expect(dynamics365.verify(given, of(flavour), 0).verdict).toBe('ok');
    expect(dynamics365.decode(given, 'x', of(flavour))).toMatchObject([{ kind: 'document-changed', doc }]);
  });

  it('whatever comes, verify never throws and decode throws nothing but errors', () => {
    const flavour = fc.constantFrom('business-central', 'dataverse', 'supply-chain');
    const body = fc.oneof(
      fc.uint8Array(),
      fc.json().map((text) => Buffer.from(text)),
      fc.record({ value: fc.array(fc.record({ resource: fc.string(), clientState: fc.anything() })) }).map((value) => {
        return Buffer.from(JSON.stringify(value) ?? '');
      }),
    );
    fc.assert(
      fc.property(flavour, body, fc.string(), (name, bytes, path) => {
        const given = delivery('', { body: bytes, path });
        expect(['ok', 'refused', 'handshake']).toContain(dynamics365.verify(given, of(name), 0).verdict);
        try {
          expect(Array.isArray(dynamics365.decode(given, 'x', of(name)))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
  });
});
