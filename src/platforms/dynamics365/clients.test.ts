import { afterEach, describe, expect, it } from 'vitest';
import { jsonResponse } from '../../platform/http.ts';
import { vendorModule } from '../../platform/testing/outside.ts';
import { realClock } from '../../runtime/clock.ts';
import { seededRandom } from '../../runtime/random.ts';
import { listen } from '../../sandbox/listen.ts';
import { dataverseSandbox } from './sandbox/dataverse.ts';

const library = vendorModule('dynamics-web-api');
const missing = library ? '' : ' (skipped: the package is not installed, run npm ci in test/vendor)';

const close: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of close.splice(0)) await end();
});

/** The stand-in on a loopback port, and DynamicsWebApi as a client of it, with a token that it fetched itself. */
async function onSockets() {
  const sandbox = dataverseSandbox({
    clock: realClock,
    random: seededRandom(3),
    name: 'mugs',
    locations: [{ id: '1', name: 'Main' }],
    factor: 1,
    deliver: async () => jsonResponse(200, ''),
  });
  sandbox.seed(
    Array.from({ length: 7 }, (_, index) => ({ sku: `MUG-${index}`, title: `Mug ${index}`, stock: { '1': 10 } })),
  );
  const api = await listen(sandbox);
  close.push(api.close, () => sandbox.close());
  const { tenantId, clientId, clientSecret } = sandbox.config({ api: api.url, hook: '' }) as Record<string, string>;
  const answer = await fetch(`${api.url}/${tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId!,
      client_secret: clientSecret!,
      scope: `${api.url}/.default`,
    }),
  });
  const { access_token } = (await answer.json()) as { access_token: string };
  const client = new library.DynamicsWebApi({
    serverUrl: api.url,
    dataApi: { version: '9.2' },
    onTokenRefresh: async () => access_token,
  });
  return { sandbox, client };
}

type Row = Record<string, unknown>;

describe.skipIf(!library)(`DynamicsWebApi against the Dataverse stand-in, over a socket${missing}`, () => {
  it('asks who it is, and follows pages to their end', async () => {
    const { client, sandbox } = await onSockets();
    expect((await client.callFunction('WhoAmI')).OrganizationId).toBe(sandbox.organization);
    const { value } = await client.retrieveAll({
      collection: 'products',
      select: ['productnumber', 'quantityonhand'],
      orderBy: ['productnumber'],
      maxPageSize: 3,
    });
    expect(value.map((row: Row) => [row['productnumber'], row['quantityonhand']])).toEqual(
      Array.from({ length: 7 }, (_, index) => [`MUG-${index}`, 10]),
    );
  });

  it('writes with a version, and is refused with an old one', async () => {
    const { client, sandbox } = await onSockets();
    const read = async () => {
      const { value } = await client.retrieveMultiple({
        collection: 'products',
        select: ['productid', 'quantityonhand'],
        filter: "productnumber eq 'MUG-2'",
      });
      return value[0] as Row;
    };
    const first = await read();
    const write = (quantityonhand: number, ifmatch: unknown) =>
      client.update({ collection: 'products', key: first['productid'], data: { quantityonhand }, ifmatch });
    await write(7.25, first['@odata.etag']);
    expect(sandbox.shown().find(({ sku }) => sku === 'MUG-2')?.available).toBe(7.25);
    // The library gives `false` where a row has another version.
    expect(await write(99, first['@odata.etag'])).toBe(false);
    expect((await read())['quantityonhand']).toBe(7.25);
    await expect(write(-1, (await read())['@odata.etag'])).rejects.toMatchObject({ status: 400 });
  });

  it('sends a batch, in a change set and out of one', async () => {
    const { client, sandbox } = await onSockets();
    const { value } = await client.retrieveMultiple({ collection: 'products', select: ['productid', 'productnumber'] });
    const [a, b] = value.map((row: Row) => row['productid']);
    const shown = () => sandbox.shown().map(({ available }) => available);
    client.startBatch();
    for (const key of [a, b])
      client.update({ collection: 'products', key, data: { quantityonhand: 3 }, inChangeSet: false });
    await client.executeBatch();
    expect(shown().slice(0, 3)).toEqual([3, 3, 10]);
    client.startBatch();
    client.update({ collection: 'products', key: a, data: { quantityonhand: 5 } });
    client.update({ collection: 'products', key: b, data: { quantityonhand: -5 } });
    expect(await client.executeBatch()).toMatchObject([{ status: 400 }]);
    expect(shown().slice(0, 3), 'all of a change set or nothing').toEqual([3, 3, 10]);
  });

  it('reads an order with its lines', async () => {
    const { client, sandbox } = await onSockets();
    const bought = sandbox.shopper.buy({ lines: [{ sku: 'MUG-1', quantity: 2.5 }], location: null });
    expect(bought.ok).toBe(true);
    const { value } = await client.retrieveMultiple({
      collection: 'salesorders',
      select: ['salesorderid', 'statecode'],
      expand: [{ property: 'order_details', select: ['quantity', 'quantityshipped'] }],
    });
    expect(value).toHaveLength(1);
    expect(value[0].order_details[0]).toMatchObject({ quantity: 2.5, quantityshipped: 0 });
  });
});
