import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../platform/contract.ts';
import { vendorFolder, vendorModule } from '../../platform/testing/outside.ts';
import { EAST, openBench } from './testing/bench.ts';
import {
  API_SECRETS,
  EXTENSION,
  type FakeNetsuite,
  type FakeRecord,
  fakeNetsuite,
  loadScript,
  recordOf,
} from './testing/suitescript.ts';
import { decode, verify } from './webhook.ts';

const USER_EVENT_TYPES = { CREATE: 'create', EDIT: 'edit', XEDIT: 'xedit', DELETE: 'delete' };
const SHIPMENT: FakeRecord = {
  type: 'itemfulfillment',
  id: 88123,
  values: { createdfrom: 87990 },
  sublists: { item: [{ item: 501 }] },
};

function submit(fake: FakeNetsuite, saved: FakeRecord, type = 'create', old?: FakeRecord): void {
  loadScript('onhand-event.js', fake).afterSubmit({
    type,
    UserEventType: USER_EVENT_TYPES,
    newRecord: recordOf(saved),
    oldRecord: old && recordOf(old),
  });
}

const { config } = openBench(undefined, { account: '1234567_SB1', webhookSecret: API_SECRETS['custsecret_onhand'] });

/** As it arrives, verified and understood. */
function heard({ headers, body }: FakeNetsuite['posts'][0]) {
  const delivery: Delivery = {
    method: 'POST',
    path: '/hooks/1',
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    body: Buffer.from(body),
    receivedAt: '',
  };
  expect(verify(delivery, config, Date.now())).toMatchObject({ verdict: 'ok', topic: 'record' });
  expect(verify(delivery, { ...config, webhookSecret: 'another secret, as long' }, Date.now())).toMatchObject({
    why: 'bad-signature',
  });
  return decode(delivery, 'record', config);
}

const withOrder = () => {
  const fake = fakeNetsuite();
  fake.fields['87990'] = { recordtype: 'salesorder' };
  return fake;
};
const changed = (doc: string) => [{ kind: 'document-changed', account: '1234567_SB1', doc }];

describe('the user event script', () => {
  it('tells a shipment of an order, signed so that we take it', () => {
    const fake = withOrder();
    submit(fake, SHIPMENT);
    expect(fake.posts).toHaveLength(1);
    expect(fake.posts[0]).toMatchObject({ url: 'https://onhand.test/hooks/1' });
    expect(heard(fake.posts[0]!)).toEqual(changed('order:87990'));
    expect([fake.kept, fake.errors]).toEqual([[], []]);
  });

  it('looks up what an inline edit does not hand over', () => {
    const fake = withOrder();
    fake.fields['88123'] = { createdfrom: [{ value: '87990', text: 'Sales Order #1' }] };
    submit(fake, { ...SHIPMENT, values: {} }, 'xedit');
    expect(heard(fake.posts[0]!)).toEqual(changed('order:87990'));
    expect(fake.lookups.map(({ id }) => id)).toEqual([88123, '87990']);
  });

  it('takes a deleted record from what it was', () => {
    const fake = fakeNetsuite();
    submit(fake, { type: 'salesorder', id: 87990, values: {} }, 'delete', {
      type: 'salesorder',
      id: 87990,
      values: {},
    });
    expect(heard(fake.posts[0]!)).toMatchObject([{ kind: 'document-gone', doc: 'order:87990' }]);
    expect(fake.lookups).toEqual([]);
  });

  it.each([
    ['inventoryadjustment', { inventory: [{ item: 501 }, { item: 502 }, { item: 501 }] }, {}, ['501', '502']],
    ['inventorytransfer', { inventory: [{ item: 501 }] }, {}, ['501']],
    ['itemreceipt', { item: [{ item: 501 }] }, {}, ['501']],
    ['assemblybuild', { component: [{ item: 502 }] }, { item: 501 }, ['501', '502']],
  ])('names the items of %s', (type, sublists, values, items) => {
    const fake = fakeNetsuite();
    submit(fake, { type, id: 5, values, sublists });
    expect(heard(fake.posts[0]!).map((signal) => signal.kind === 'dirty' && signal.stockKey)).toEqual(items);
  });

  it('tries twice, then keeps it; the save goes on whatever happens', () => {
    const fake = withOrder();
    fake.codes = [new Error('SSS_REQUEST_TIME_EXCEEDED'), 200];
    submit(fake, SHIPMENT);
    expect([fake.posts.length, fake.kept.length]).toEqual([2, 0]);
    fake.codes = [503];
    submit(fake, SHIPMENT);
    expect([fake.posts.length, fake.kept.length]).toEqual([4, 1]);
    expect(fake.kept[0]!.values['custrecord_onhand_body']).toBe(fake.posts[3]!.body);
    fake.parameters = {};
    submit(fake, SHIPMENT);
    expect([fake.posts.length, fake.kept.length], 'no address is set').toEqual([4, 2]);
    fake.fields = new Proxy(
      {},
      {
        get: () => {
          throw new Error('SSS_USAGE_LIMIT_EXCEEDED');
        },
      },
    );
    expect(() => submit(fake, SHIPMENT)).not.toThrow();
    expect(fake.errors).toHaveLength(1);
  });
});

it('the stand-in tells what the script tells, member by member', async () => {
  const bench = openBench();
  const { shopper } = bench.sandbox;
  const bought = shopper.buy({ lines: [{ sku: 'MUG', quantity: 2 }], location: null });
  if (!bought.ok) throw new Error(bought.why);
  shopper.fulfil(bought.order);
  shopper.edit('HAT', EAST, 3);
  await bench.advance(5_000);
  const told = bench.deliveries.map(({ body }) => JSON.parse(Buffer.from(body).toString()));
  const fake = fakeNetsuite();
  fake.fields[bought.order] = { recordtype: 'salesorder' };
  const scripts = told.map(({ recordType, recordId, createdFrom, items }) => {
    const sublists = { inventory: items.map((item: number) => ({ item })) };
    submit(fake, { type: recordType, id: recordId, values: { createdfrom: createdFrom }, sublists });
    return { ...JSON.parse(fake.posts.at(-1)!.body), account: bench.config.account };
  });
  const texts = (value: object) =>
    JSON.parse(
      JSON.stringify(value, (key, inner) =>
        key === 'eventId' ? undefined : typeof inner === 'number' ? String(inner) : inner,
      ),
    );
  expect(told.map(texts).sort(byId)).toEqual(scripts.map(texts).sort(byId));
  expect(told.map(({ recordType }) => recordType).sort()).toEqual([
    'inventoryadjustment',
    'itemfulfillment',
    'salesorder',
  ]);
});

const byId = (one: { recordId: string }, other: { recordId: string }) => Number(one.recordId) - Number(other.recordId);

describe('the scheduled script', () => {
  const kept = (count: number) => {
    const fake = withOrder();
    fake.codes = [503];
    for (let one = 0; one < count; one++) submit(fake, SHIPMENT);
    fake.posts = [];
    fake.usage = 10_000;
    return fake;
  };
  const run = (fake: FakeNetsuite) => loadScript('onhand-resend.js', fake).execute({ type: 'SCHEDULED' });

  it('sends what was kept, signed anew, and forgets it', () => {
    const fake = kept(3);
    fake.codes = [200];
    run(fake);
    expect(fake.posts.map(heard)).toEqual([1, 2, 3].map(() => changed('order:87990')));
    expect(fake.kept).toEqual([]);
  });

  it('stops after three failures in a row, keeps all, and says so', () => {
    const fake = kept(5);
    run(fake);
    expect([fake.posts.length, fake.kept.length]).toEqual([3, 5]);
  });

  it('stops before its units are used up', () => {
    const fake = kept(20);
    fake.codes = [200];
    fake.usage = 200;
    run(fake);
    expect(fake.kept.length).toBeGreaterThan(10);
    expect(fake.kept.length).toBeLessThan(20);
  });

  it('throws away what is older than a week', () => {
    const fake = kept(1);
    fake.kept[0]!.values['custrecord_onhand_event'] = `itemfulfillment:1:create:${Date.now() - 8 * 86_400_000}`;
    run(fake);
    expect([fake.posts, fake.kept]).toEqual([[], []]);
  });
});

describe('the RESTlet', () => {
  const rows = (...items: [string, string][]) =>
    items.map(([id, inventorylocation]) => ({
      id,
      values: { inventorylocation, locationquantityonhand: '12', locationquantityavailable: '9' },
    }));

  it('answers cells and pages, whole items only', () => {
    const fake = fakeNetsuite();
    const { post } = loadScript('onhand-levels.js', fake);
    fake.items = rows(['501', '1']);
    expect(post({ ask: 'cells', items: ['501'], locations: ['1', '2'] })).toEqual({
      rows: [{ item: '501', location: '1', quantityonhand: '12', quantityavailable: '9' }],
      more: false,
    });
    expect(fake.searches[0]!.filters).toContainEqual(['inventorylocation', 'anyof', '1', '2']);
    fake.items = rows(
      ...Array.from({ length: 1_000 }, (_, index): [string, string] => [
        String(500 + Math.floor(index / 3)),
        String(index % 3),
      ]),
    );
    const page = post({ ask: 'page', after: { item: '499', location: '0' }, limit: 1000 });
    expect([page.more, page.rows.length, page.rows.at(-1).item]).toEqual([true, 999, '832']);
    expect(fake.searches[1]!.filters).toContainEqual(['internalidnumber', 'greaterthan', '499']);
  });
});

const ts = vendorModule('typescript');
const typings = vendorFolder('@hitc/netsuite-types');
const missing = ts && typings ? '' : ' (skipped: run npm ci in test/vendor)';

describe.skipIf(!ts || !typings)(`NetSuite's typings${missing}`, () => {
  it('every call that the scripts make is one', { timeout: 60_000 }, () => {
    const files = readdirSync(EXTENSION).filter((name) => name.endsWith('.js'));
    expect(files).toHaveLength(4);
    const globals = `${EXTENSION}define.d.ts`;
    const options = {
      allowJs: true,
      checkJs: true,
      noEmit: true,
      strict: true,
      noImplicitAny: false,
      skipLibCheck: true,
      types: [],
      target: ts.ScriptTarget.ES2020,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      paths: { N: [`${typings}/N`], 'N/*': [`${typings}/N/*`] },
    };
    const host = ts.createCompilerHost(options);
    const readSource = host.getSourceFile.bind(host);
    // The typings are parsed once for both.
    const parsed = new Map<string, unknown>();
    const check = (files: string[], change = (text: string) => text): string => {
      host.getSourceFile = (name: string, ...more: unknown[]) => {
        if (name === globals)
          return ts.createSourceFile(
            name,
            'declare function define(names: string[], factory: (...modules: any[]) => unknown): void;',
            ts.ScriptTarget.ES2020,
          );
        if (name.startsWith(EXTENSION))
          return ts.createSourceFile(
            name,
            change(readFileSync(name, 'utf8')),
            ts.ScriptTarget.ES2020,
            true,
            ts.ScriptKind.JS,
          );
        if (!parsed.has(name)) parsed.set(name, readSource(name, ...more));
        return parsed.get(name);
      };
      const program = ts.createProgram([...files.map((name) => `${EXTENSION}${name}`), globals], options, host);
      return files
        .flatMap((name) => program.getSemanticDiagnostics(program.getSourceFile(`${EXTENSION}${name}`)))
        .map(({ messageText }: { messageText: unknown }) => ts.flattenDiagnosticMessageText(messageText, ' '))
        .join('\n');
    };
    expect(check(files)).toBe('');
    expect(check(['onhand-signed-event.js'], (text) => text.replace('createSecretKey', 'makeSecretKey'))).toContain(
      'makeSecretKey',
    );
  });
});
