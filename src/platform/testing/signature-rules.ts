import { expect } from 'vitest';
import { seededRandom } from '../../runtime/random.ts';
import type { Delivery, Verdict } from '../contract.ts';
import { type Bench, skuOf } from './bench.ts';
import { copyOf } from './listener.ts';
import { flipped } from './reading-rules.ts';
import type { RuleContext, Rules } from './rules.ts';

const YEARS_MS = 10 * 365 * 86_400_000;

/** The table of signature cases, on raw bytes that the stand-in signed. */
export function signatureRules(suite: Rules): void {
  suite.rule('signature: a good one passes, again and again', 'signatures', 'good-signature', async (context) => {
    const { bench, deliveries } = await signed(context);
    for (const { delivery } of deliveries) {
      expect(verdict(bench, delivery)).toMatchObject({ verdict: 'ok' });
      expect(verdict(bench, copyOf(delivery))).toMatchObject({ verdict: 'ok' });
    }
    context.note(`${deliveries.length} deliveries`);
  });

  suite.rule(
    '[I4] signature: one flipped bit anywhere in the body is refused',
    'signatures',
    'flipped-body',
    async (context) => {
      const { bench, deliveries } = await signed(context);
      for (const { delivery } of deliveries.slice(0, 3))
        for (let at = 0; at < delivery.body.length; at += Math.max(1, Math.floor(delivery.body.length / 40))) {
          const forged = copyOf(delivery);
          forged.body[at]! ^= 1;
          expect(refusal(bench, forged), `bit of byte ${at}`).toBe('bad-signature');
        }
    },
  );

  suite.rule(
    '[I4] signature: a changed, cut, doubled or empty one is refused',
    'signatures',
    'flipped-signature',
    async (context) => {
      const { bench, deliveries } = await signed(context);
      const { delivery } = deliveries[0]!;
      const header = signatureHeader(bench, delivery);
      const value = delivery.headers[header]!;
      const last = value.search(/[A-Za-z0-9](?=[^A-Za-z0-9]*$)/);
      const changes = [
        flipped(value),
        value.slice(0, -1),
        `${value}${value}`,
        ' ',
        `${value.slice(0, last)}${flipped(value[last]!)}`,
      ];
      for (const changed of changes) {
        const forged = { ...copyOf(delivery), headers: { ...delivery.headers, [header]: changed } };
        // The last letter of a base64 text may hold no bits of the signature: then it must be refused all the same.
        expect(['bad-signature', 'no-signature', 'malformed']).toContain(refusal(bench, forged));
      }
    },
  );

  suite.rule('[I4] signature: none is refused', 'signatures', 'no-signature', async (context) => {
    const { bench, deliveries } = await signed(context);
    for (const { delivery } of deliveries) {
      const header = signatureHeader(bench, delivery);
      const { [header]: _, ...headers } = delivery.headers;
      expect(refusal(bench, { ...copyOf(delivery), headers })).toBe('no-signature');
    }
  });

  suite.rule(
    '[I4] signature: without a secret configured everything is refused',
    'signatures',
    'no-secret',
    async (context) => {
      const { bench, deliveries } = await signed(context);
      expect(Object.keys(bench.config), 'the signing secret is called webhookSecret everywhere').toContain(
        'webhookSecret',
      );
      for (const blank of [undefined, '']) {
        const config = { ...bench.config, webhookSecret: blank };
        const answer = context.platform.verify(deliveries[0]!.delivery, config, bench.clock.now());
        expect(answer).toMatchObject({ verdict: 'refused', why: 'no-secret' });
        expect((answer as Extract<Verdict, { verdict: 'refused' }>).say.length).toBeGreaterThan(10);
      }
    },
  );

  suite.rule("[I4] signature: another account's secret is refused", 'signatures', 'other-secret', async (context) => {
    const { bench, deliveries } = await signed(context);
    const config = { ...bench.config, webhookSecret: flipped(String(bench.config['webhookSecret'])) };
    expect(context.platform.verify(deliveries[0]!.delivery, config, bench.clock.now())).toMatchObject({
      why: 'bad-signature',
    });
  });

  suite.rule('[I4] signature: an old one is refused', 'signatures', 'stale-signature', async (context) => {
    const { bench, deliveries } = await signed(context);
    const answer = context.platform.verify(deliveries[0]!.delivery, bench.config, bench.clock.now() + YEARS_MS);
    expect(answer).toMatchObject({ verdict: 'refused', why: 'stale' });
  });

  suite.rule(
    'signature: set-up traffic is answered and changes nothing',
    'signatures',
    'handshake',
    async (context) => {
      if (!context.cases.handshakes) return context.absent('it has none');
      const { bench } = await signed(context);
      for (const { name, delivery } of context.cases.handshakes(bench))
        expect(verdict(bench, delivery).verdict, name).toBe('handshake');
    },
  );

  suite.rule(
    '[I4] what nobody signed carries no facts, only hints to fetch',
    'signatures',
    'unsigned-thin',
    async (context) => {
      const { hooks } = context.platform.facts;
      if (hooks.kind !== 'webhook' || hooks.signature !== null)
        context.absent('its deliveries are signed, or lie in our own queue');
      const { bench } = await sold(context);
      expect(bench.listener.signals.length).toBeGreaterThan(0);
      const facts = bench.listener.signals.filter(({ kind }) => ['document', 'level', 'movement'].includes(kind));
      expect(facts).toEqual([]);
    },
  );

  suite.rule('[I4] an unsolicited delivery over HTTP is refused', 'signatures', 'not-ours', async (context) => {
    const bench = await context.open({ items: 1, subscribe: false });
    if (context.platform.facts.hooks.signature === null && context.platform.facts.hooks.kind === 'webhook')
      context.absent('it signs nothing');
    for (const body of ['', '{}', '[]', 'null', '<x/>', '{"id":1}']) {
      const delivery: Delivery = {
        method: 'POST',
        path: '/hooks/x',
        headers: {},
        body: Buffer.from(body),
        receivedAt: new Date(0).toISOString(),
      };
      const answer = verdict(bench, delivery);
      expect(answer.verdict, body).not.toBe('ok');
    }
  });

  suite.rule(
    'verify and decode: whatever the bytes, verify never throws, and decode says the same twice',
    'signatures',
    'verify-total',
    async (context) => {
      const bench = await context.open({ items: 2 });
      bench.sandbox.shopper.buy({ lines: [{ sku: skuOf(0), quantity: 1 }], location: null });
      await bench.settle();
      const random = seededRandom(5);
      const real = bench.deliveries.map(({ delivery }) => delivery);
      const topics = [...new Set(bench.deliveries.map(({ topic }) => topic)), 'no/such/topic', ''];
      for (let round = 0; round < 300; round++) {
        const delivery = mangled(real[Math.floor(random() * real.length)], random);
        expect(['ok', 'handshake', 'refused']).toContain(verdict(bench, delivery).verdict);
        const topic = topics[Math.floor(random() * topics.length)]!;
        // Undecodable is an Error, kept and shown; it is never anything else.
        const decoded = () => {
          try {
            return JSON.stringify(context.platform.decode(delivery, topic, bench.config));
          } catch (error) {
            expect(error).toBeInstanceOf(Error);
            return 'an error';
          }
        };
        expect(decoded()).toBe(decoded());
      }
    },
  );
}

const verdict = (bench: Bench, delivery: Delivery): Verdict =>
  bench.platform.verify(delivery, bench.config, bench.clock.now());

function refusal(bench: Bench, delivery: Delivery): string {
  const answer = verdict(bench, delivery);
  return answer.verdict === 'refused' ? answer.why : answer.verdict;
}

/** A few real deliveries of a platform that signs. */
async function signed(context: RuleContext) {
  const { kind, signature } = context.platform.facts.hooks;
  if (kind !== 'webhook') context.absent(kind === 'queue' ? 'a queue of our own instead' : 'it has no webhooks');
  if (signature === null) context.absent('it signs nothing');
  return sold(context);
}

async function sold(context: RuleContext) {
  const bench = await context.open({ items: 3 });
  const { shopper } = bench.sandbox;
  const bought = shopper.buy({ lines: [{ sku: skuOf(0), quantity: 1 }], location: null });
  await bench.settle();
  if (bought.ok) shopper.fulfil(bought.order);
  await bench.settle();
  expect(bench.deliveries.length, 'no webhook came').toBeGreaterThan(0);
  return { bench, deliveries: bench.deliveries };
}

/** The header without which a delivery counts as unsigned. */
function signatureHeader(bench: Bench, delivery: Delivery): string {
  const found = Object.keys(delivery.headers).find((name) => {
    const { [name]: _, ...headers } = delivery.headers;
    return refusal(bench, { ...copyOf(delivery), headers }) === 'no-signature';
  });
  if (!found) throw new Error('no header is the signature: leaving one out at a time, none was missed');
  return found;
}

function mangled(real: Delivery | undefined, random: () => number): Delivery {
  const pick = <T>(...choices: T[]): T => choices[Math.floor(random() * choices.length)]!;
  const bytes = Uint8Array.from({ length: Math.floor(random() * 60) }, () => Math.floor(random() * 256));
  const texts = [
    '',
    'null',
    '[]',
    '{}',
    '{"id":null}',
    '{"data":{"object":[]}}',
    '"\\ud800"',
    '1e999',
    '{"a":'.repeat(500),
    '<a><b/></a>',
  ];
  const body = pick(
    bytes,
    Buffer.from(pick(...texts)),
    real ? real.body.subarray(0, Math.floor(random() * real.body.length)) : bytes,
  );
  const headers = { ...(real?.headers ?? {}) };
  for (const name of Object.keys(headers)) {
    const fate = random();
    if (fate < 0.2) delete headers[name];
    else if (fate < 0.4) headers[name] = pick('', '\u0000', 'x'.repeat(9_999), '%', '=', '9'.repeat(400));
  }
  return {
    method: pick('POST', 'GET', 'DELETE'),
    path: pick('/', '/x?y=%E0%A4%A', real?.path ?? '/'),
    headers,
    body,
    receivedAt: pick('', real?.receivedAt ?? 'yesterday'),
  };
}
