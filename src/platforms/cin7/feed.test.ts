import { describe, expect, it } from 'vitest';
import type { FeedPage } from '../../platform/contract.ts';
import { jsonResponse } from '../../platform/http.ts';
import { pollSales } from './core/sales.ts';
import { fetchOmni, pollOmni } from './omni/feed.ts';
import { creditDoc, orderDoc } from './omni/orders.ts';
import { fixture, NOW, scripted, settings } from './testing/scripted.ts';

const ids = (page: FeedPage) =>
  page.signals.map((signal) => ('doc' in signal && typeof signal.doc === 'string' ? signal.doc : ''));

describe("Core's lists", () => {
  /** Rows by their newest change first, as one of them changes between two pages. */
  async function walk(order: 'newest' | 'oldest') {
    const sales = Array.from({ length: 250 }, (_, index) => ({ SaleID: `S${index}`, Updated: index }));
    const sorted = () =>
      [...sales].sort((a, b) => (order === 'newest' ? b.Updated - a.Updated : a.Updated - b.Updated));
    let asked = 0;
    const { client } = scripted(({ query }) => {
      const from = (Number(query.get('Page')) - 1) * Number(query.get('Limit'));
      const SaleList = sorted().slice(from, from + Number(query.get('Limit')));
      // Before every further page ten change: the pages shift.
      for (let index = 0; index < 10; index++)
        sales[(asked * 37 + index * 11) % 250]!.Updated = 1_000 + asked * 10 + index;
      asked++;
      return { Total: 250, SaleList };
    });
    const met = new Set<string>();
    let page: FeedPage = { signals: [], cursor: '', completeTo: null, more: true };
    for (let cursor: string | null = null; page.more; cursor = page.cursor) {
      page = await pollSales(client, settings(), 'saleList', cursor, '2026-11-01T00:00:00Z');
      for (const id of ids(page)) met.add(id);
    }
    // What changed meanwhile is newer than the walk's beginning: the next one tells it.
    const still = sales.filter(({ Updated }) => Updated < 1_000).map(({ SaleID }) => `sale:${SaleID}`);
    return { missed: still.filter((id) => !met.has(id)), still: still.length, asked };
  }

  it.each(['newest', 'oldest'] as const)(
    'are walked up and down, so that none is passed over (%s first)',
    async (order) => {
      const { missed, still, asked } = await walk(order);
      expect(missed).toEqual([]);
      expect(still).toBeGreaterThan(150);
      expect(asked).toBe(5);
    },
  );

  it('one page is one call; the next walk begins a minute before this one', async () => {
    const date = new Date(NOW + 30_000).toUTCString();
    const { client, asked } = scripted(() =>
      jsonResponse(200, { Total: 1, SaleList: [{ SaleID: 'S1', Updated: '2026-11-24T09:59:00.5' }, 5, {}] }, { date }),
    );
    const page = await pollSales(client, settings(), 'saleList', null, '2026-11-24T09:00:00Z');
    expect(page.signals).toEqual([
      { kind: 'document-changed', account: 'ACCOUNT', doc: 'sale:S1', rev: '2026-11-24T09:59:00.5Z' },
    ]);
    expect(page).toMatchObject({ more: false, completeTo: '2026-11-24T10:00:30.000Z' });
    expect(asked[0]!.query.get('UpdatedSince')).toBe('2026-11-24T09:00:00.000');
    await pollSales(client, settings(), 'saleList', page.cursor, '');
    expect(asked[1]!.query.get('UpdatedSince')).toBe('2026-11-24T09:59:30.000');
  });

  it('without a clock in the answer nothing is promised of the last two minutes', async () => {
    const { client } = scripted(() => ({ Total: 0, SaleList: [] }));
    const page = await pollSales(client, settings(), 'saleCreditNoteList', null, '2026-11-24T09:00:00Z');
    expect(page.completeTo).toBe('2026-11-24T09:58:00.000Z');
  });

  it('a credit note names its sale, and nothing of its age', async () => {
    const { client } = scripted(() => ({ SaleList: [{ SaleID: 'S1', Updated: '2026-11-24T09:59:00' }] }));
    const page = await pollSales(client, settings(), 'saleCreditNoteList', null, '2026-11-24T09:00:00Z');
    expect(page.signals).toEqual([{ kind: 'document-changed', account: 'ACCOUNT', doc: 'sale:S1' }]);
  });
});

describe("Omni's orders", () => {
  const order = (more: object = {}) => orderDoc({ ...fixture('omni-order'), ...more }, 'MugsUS');
  const units = (doc: ReturnType<typeof order>) => {
    const { committed, out, taken } = doc.lines[0]!.parts[0]!;
    return [committed, out, taken];
  };

  it('what is shipped is gone, the rest is promised; lines without an option have no stock', () => {
    expect(order()).toEqual({
      account: 'MugsUS',
      doc: 'sale:1001',
      rev: '2026-11-24T09:30:05Z',
      whole: true,
      source: 'Backend',
      saleAt: '2026-11-24T08:00:00Z',
      state: 'Processing',
      lines: [
        {
          line: '51',
          listing: '991',
          sku: 'TSHIRT-M',
          parts: [{ location: '3', committed: 3, out: 2, returned: 0, taken: 5 }],
        },
      ],
    });
    expect(units(order({ dispatchedDate: '2026-11-24T09:00:00Z' }))).toEqual([0, 5, 5]);
    expect(order({ distributionBranchId: 7 }).lines[0]!.parts[0]!.location).toBe('7');
  });

  it.each([{ isVoid: true }, { status: 'VOID' }, { isApproved: false }, { status: 'DRAFT' }])(
    '%j asks nothing',
    (more) => {
      expect(units(order(more))).toEqual([0, 0, 0]);
    },
  );

  it('brought in from another shop it is a copy', () => {
    expect(order({ source: 'Shopify' }).origin).toEqual({ source: 'Shopify', id: 'SO-1001' });
    expect(order({ source: 'API' }).origin).toBeUndefined();
  });

  it('a credit note is on the shelf when it is completed', () => {
    const credit = (more: object = {}) => creditDoc({ ...fixture('omni-credit'), ...more }, 'MugsUS');
    expect(credit()).toMatchObject({ doc: 'return:2001', lines: [{ listing: '991' }] });
    expect(units(credit())).toEqual([0, -1, -1]);
    expect(units(credit({ completedDate: null }))).toEqual([0, 0, 0]);
    expect(units(credit({ isVoid: true }))).toEqual([0, 0, 0]);
  });

  it('is walked by time: many of one second by number, then on', async () => {
    const rows = Array.from({ length: 700 }, (_, index) => ({
      ...fixture('omni-order'),
      id: index + 1,
      modifiedDate: index < 600 ? '2026-11-24T09:30:05Z' : `2026-11-24T09:3${(index % 5) + 1}:00Z`,
    })).sort((a, b) => a.modifiedDate.localeCompare(b.modifiedDate));
    const { client, asked } = scripted(({ query }) => {
      const since = Date.parse(/'(.*)'/.exec(query.get('where') ?? '')![1]!);
      const found = rows.filter((row) => Date.parse(row.modifiedDate) > since);
      return found.slice((Number(query.get('page')) - 1) * 250, Number(query.get('page')) * 250);
    });
    const met = new Set<string>();
    let page: FeedPage = { signals: [], cursor: '', completeTo: null, more: true };
    for (let cursor: string | null = null; page.more; cursor = page.cursor) {
      page = await pollOmni(client, settings({ product: 'omni' }), 'orders', cursor, '2026-11-24T09:00:00Z');
      for (const signal of page.signals) if (signal.kind === 'document') met.add(signal.doc.doc);
    }
    expect(met.size).toBe(700);
    expect(asked.length).toBeLessThan(8);
  });

  it('one that cannot be read is asked for by itself', async () => {
    const bad = { ...fixture('omni-order'), lineItems: [{ id: 1, productOptionId: 991, qty: 'many' }] };
    const { client } = scripted(({ op }) => (op === 'omniOrder' ? bad : [bad, fixture('omni-order'), null]));
    const config = settings({ product: 'omni' });
    const page = await pollOmni(client, config, 'orders', null, '2026-11-24T09:00:00Z');
    expect(page.signals).toMatchObject([{ kind: 'document-changed', doc: 'sale:1001' }, { kind: 'document' }]);
    await expect(fetchOmni(client, config, 'sale:1001')).rejects.toMatchObject({ code: 'unreadable-order' });
    expect(await fetchOmni(scripted(() => jsonResponse(404, {})).client, config, 'return:5')).toBe('gone');
    expect(await fetchOmni(scripted(() => jsonResponse(200, 'null')).client, config, 'sale:5')).toBe('gone');
  });
});
