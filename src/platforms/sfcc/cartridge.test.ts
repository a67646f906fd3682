import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { sfcc } from './index.ts';
import { settings } from './testing/scripted.ts';
import { decode } from './webhook.ts';

const cartridge = fileURLToPath(new URL('./extension/int_onhand/cartridge/', import.meta.url));
const KEY = 'a key with ümlauts';
const NOW = Date.parse('2026-11-24T10:00:00.000Z');

interface Sent {
  method: string;
  headers: Record<string, string>;
  body: string;
}

class Bytes {
  readonly data: Buffer;
  constructor(text: string | Buffer, encoding?: string) {
    if (typeof text === 'string' && encoding !== 'UTF-8') throw new Error('the encoding is always said');
    this.data = Buffer.from(text as string);
  }
}

/** The part of the script API that the cartridge uses, and what it did with it. */
function instance(
  options: { answers?: boolean[]; orders?: { no: string; modifiedMs: number }[]; broken?: boolean } = {},
) {
  const sent: Sent[] = [];
  const preferences = new Map<string, string>();
  const answers = [...(options.answers ?? [])];
  const queries: { closed: boolean; since: number }[] = [];
  let inTransaction = false;
  class Mac {
    static readonly HMAC_SHA_256 = 'HmacSHA256';
    constructor(readonly algorithm: string) {
      if (algorithm !== 'HmacSHA256') throw new Error(`no ${algorithm}`);
    }
    digest(input: Bytes, key: Bytes) {
      return new Bytes(createHmac('sha256', key.data).update(input.data).digest());
    }
  }
  class Status {
    static readonly OK = 0;
    static readonly ERROR = 1;
    constructor(
      readonly status: number,
      readonly code?: string,
    ) {}
  }
  class Calendar {
    constructor(private readonly date: Date) {}
    getTime() {
      return this.date;
    }
  }
  const api: Record<string, unknown> = {
    'dw/util/Bytes': Bytes,
    'dw/util/Calendar': Calendar,
    'dw/crypto/Mac': Mac,
    'dw/crypto/Encoding': { toHex: ({ data }: Bytes) => data.toString('hex') },
    'dw/system/Status': Status,
    'dw/system/Site': {
      getCurrent: () => ({
        getID: () => 'RefArch',
        getCustomPreferenceValue: (name: string) => preferences.get(name) ?? null,
        setCustomPreferenceValue(name: string, value: string) {
          if (!inTransaction) throw new Error('outside a transaction');
          preferences.set(name, value);
        },
      }),
    },
    'dw/system/Transaction': {
      wrap(work: () => void) {
        inTransaction = true;
        work();
        inTransaction = false;
      },
    },
    'dw/svc/LocalServiceRegistry': {
      createService(id: string, callback: { createRequest: (svc: unknown) => string }) {
        if (options.broken || id !== 'onhand.notify') throw new Error('no such service');
        return {
          call() {
            const one: Sent = { method: '', headers: {}, body: '' };
            one.body = callback.createRequest({
              setRequestMethod: (method: string) => void Object.assign(one, { method }),
              addHeader: (name: string, value: string) =>
                void Object.assign(one.headers, { [name.toLowerCase()]: value }),
              getConfiguration: () => ({ getCredential: () => ({ getPassword: () => KEY }) }),
            });
            sent.push(one);
            const ok = answers.shift() ?? true;
            return { isOk: () => ok };
          },
        };
      },
    },
    'dw/order/OrderMgr': {
      queryOrders(query: string, sort: string, since: Date) {
        if (query !== 'lastModified >= {0}' || sort !== 'lastModified asc') throw new Error(`cannot ask ${query}`);
        const found = (options.orders ?? []).filter(({ modifiedMs }) => modifiedMs >= since.getTime());
        const state = { closed: false, since: since.getTime() };
        queries.push(state);
        return {
          hasNext: () => found.length > 0,
          next: () => {
            const { no } = found.shift()!;
            return { getOrderNo: () => no };
          },
          close: () => {
            state.closed = true;
          },
        };
      },
    },
  };
  const load = (path: string, more: Record<string, unknown> = {}): Record<string, (...given: never[]) => unknown> => {
    const module = { exports: {}, superModule: more['superModule'] };
    const require = (name: string): unknown => {
      if (name in more) return more[name];
      if (name in api) return api[name];
      if (name.endsWith('onhand/notify')) return load('scripts/onhand/notify.js');
      throw new Error(`the instance has no ${name}`);
    };
    class Now extends Date {
      static override now = () => NOW;
    }
    const source = readFileSync(`${cartridge}${path}`, 'utf8');
    runInNewContext(source, { module, exports: module.exports, require, JSON, Math, String, Number, Date: Now });
    return module.exports as never;
  };
  return { load, sent, preferences, queries };
}

const delivery = ({ headers, body }: Sent) => ({
  method: 'POST',
  path: '/hooks/x',
  headers,
  body: Buffer.from(body),
  receivedAt: '',
});

describe('the cartridge int_onhand, run against stand-ins of the script API', () => {
  it('signs so that we accept it, and tells order numbers only', () => {
    const { load, sent } = instance();
    expect(load('scripts/onhand/notify.js')['notify']!(['00001234'] as never)).toBe(true);
    const [one] = sent;
    expect(JSON.parse(one!.body)).toEqual({ siteId: 'RefArch', orders: ['00001234'] });
    const config = settings({ webhookSecret: KEY });
    expect(sfcc.verify(delivery(one!), config, NOW)).toEqual({ verdict: 'ok', topic: 'orders' });
    expect(sfcc.verify(delivery(one!), config, NOW + 301_000)).toMatchObject({ why: 'stale' });
    expect(sfcc.verify(delivery(one!), settings({ webhookSecret: 'another' }), NOW)).toMatchObject({
      why: 'bad-signature',
    });
    expect(decode(delivery(one!), 'orders', config)).toEqual([
      { kind: 'document-changed', account: config.account, doc: 'order:RefArch/00001234' },
    ]);
  });

  it('never lets an order fail because of us', () => {
    const { load } = instance({ broken: true });
    expect(load('scripts/onhand/notify.js')['notify']!(['1'] as never)).toBe(false);
  });

  it('API storefronts: when the answer is made, by the name that hooks.json gives', () => {
    const { load, sent } = instance();
    const { hooks } = JSON.parse(readFileSync(`${cartridge}scripts/hooks.json`, 'utf8'));
    expect(hooks[0].name).toBe('dw.ocapi.shop.order.modifyPOSTResponse');
    const name = hooks[0].name.split('.').at(-1);
    load(`scripts/${hooks[0].script.slice(2)}`)[name]!({ orderNo: '00000007' } as never);
    expect(JSON.parse(sent[0]!.body).orders).toEqual(['00000007']);
  });

  it('SFRA: after the route, and only when the order was placed', () => {
    const place = (viewData: unknown) => {
      const { load, sent } = instance();
      const routes: Record<string, (...given: unknown[]) => void> = {};
      const server = {
        extend: () => {},
        append: (name: string, step: (...given: unknown[]) => void) => void Object.assign(routes, { [name]: step }),
        exports: () => routes,
      };
      load('controllers/CheckoutServices.js', { server });
      const ends: (() => void)[] = [];
      const steps: string[] = [];
      const route = { on: (_: string, call: () => void) => void ends.push(call) };
      routes['PlaceOrder']!.call(route, {}, { getViewData: () => viewData }, () => void steps.push('next'));
      expect([steps, sent.length], 'nothing before the end').toEqual([['next'], 0]);
      for (const end of ends) end();
      return sent.map(({ body }) => JSON.parse(body).orders);
    };
    expect(place({ error: false, orderID: '00000009' })).toEqual([['00000009']]);
    expect(place({ error: true, orderID: '00000009' })).toEqual([]);
    expect(place({ error: false })).toEqual([]);
  });

  it('the job tells all that changed in batches, and again from the old mark when nobody heard', () => {
    const orders = Array.from({ length: 230 }, (_, index) => ({ no: String(index), modifiedMs: NOW - 1_000 }));
    const { load, sent, preferences, queries } = instance({ answers: [true, false], orders });
    const run = () => load('scripts/jobsteps/notifyChangedOrders.js')['execute']!() as { status: number };
    expect(run().status).toBe(1);
    expect(preferences.size, 'the mark stays').toBe(0);
    expect(queries[0]).toEqual({ closed: true, since: NOW - 86_400_000 });
    expect(sent.length).toBe(2);
    expect(run().status).toBe(0);
    expect(sent.slice(2).map(({ body }) => JSON.parse(body).orders.length)).toEqual([100, 100, 30]);
    expect(preferences.get('onhandToldUntil')).toBe(String(NOW));
    run();
    expect(queries[2]!.since, 'two minutes again').toBe(NOW - 120_000);
  });

  it('the step type names a function that there is', () => {
    const types = JSON.parse(readFileSync(`${cartridge}../steptypes.json`, 'utf8'));
    const [step] = types['step-types']['script-module-step'];
    const { load } = instance();
    expect(typeof load(step.module.replace('int_onhand/cartridge/', ''))[step.function]).toBe('function');
  });
});
