import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { vendorModule } from '../../platform/testing/outside.ts';
import { realClock } from '../../runtime/clock.ts';
import { listen } from '../../sandbox/listen.ts';
import { odoo } from './index.ts';
import { MAIN, openBench } from './testing/bench.ts';

const OdooAwait = vendorModule('odoo-await');
const OdooClient = vendorModule('odoo-xmlrpc-ts')?.OdooClient;

describe.skipIf(!OdooAwait || !OdooClient)(
  'odoo-await and odoo-xmlrpc-ts against the stand-in (skipped: test/vendor is not installed)',
  () => {
    const bench = openBench({ clock: realClock, factor: 100 });
    let server: Awaited<ReturnType<typeof listen>>;
    // biome-ignore lint/suspicious/noExplicitAny: packages without types of their own here.
    let erp: any;
    // biome-ignore lint/suspicious/noExplicitAny: packages without types of their own here.
    let other: any;
    beforeAll(async () => {
      server = await listen(bench.sandbox);
      const { database: db, login: username, apiKey: password } = bench.config;
      erp = new OdooAwait({ baseUrl: server.url, db, username, password });
      other = new OdooClient({ url: server.url, db, username, password });
    });
    afterAll(async () => {
      bench.sandbox.close();
      await server.close();
    });

    it('odoo-await logs in, finds a product, counts it, and gets the fault for a done write', async () => {
      expect(await erp.connect()).toBe(2);
      const [mug] = await erp.searchRead('product.product', { default_code: 'MUG' }, ['default_code', 'qty_available']);
      expect(mug).toEqual({ id: 41, default_code: 'MUG', qty_available: 20 });
      const [quant] = await erp.searchRead('stock.quant', [['product_id', '=', 41]], ['quantity', 'location_id']);
      expect(quant).toMatchObject({ quantity: 10, location_id: [21, 'WH/Stock'] });
      expect(await erp.update('stock.quant', quant.id, { inventory_quantity: 4 })).toBe(true);
      await expect(erp.action('stock.quant', 'action_apply_inventory', [quant.id])).rejects.toThrow(
        /cannot marshal None/,
      );
      expect(bench.shown('MUG', MAIN)).toBe(4);
    });

    it('odoo-xmlrpc-ts asks the version, sells, confirms, and reads what was reserved', async () => {
      expect(await other.version()).toMatchObject({ server_version: '19.0' });
      expect(await other.authenticate()).toBe(2);
      const order = await other.create('sale.order', {
        partner_id: 7,
        order_line: [[0, 0, { product_id: 42, product_uom_qty: 3 }]],
      });
      await other.execute('sale.order', 'action_confirm', [[order]]);
      const [row] = await other.read('sale.order', [order], ['state', 'name']);
      expect(row).toMatchObject({ id: order, state: 'sale' });
      const [hat] = await other.searchRead('product.product', [['id', '=', 42]], {
        fields: ['free_qty', 'virtual_available'],
      });
      expect(hat).toEqual({ id: 42, free_qty: 17, virtual_available: 17 });
      const config = { ...bench.config, url: server.url };
      const client = { ...bench.client };
      const doc = await odoo.fetchDocument(client, config, `order:${order}`);
      expect(doc).toMatchObject({
        state: 'sale',
        lines: [{ listing: '42', parts: [{ location: MAIN, committed: 3 }] }],
      });
    });

    it('a wrong password, an unknown model and an unknown field are refused as Odoo does it', async () => {
      const wrong = new OdooAwait({ baseUrl: server.url, db: bench.config.database, username: 'x', password: 'y' });
      await expect(wrong.connect()).rejects.toMatch(/invalid credentials/);
      await expect(erp.searchRead('no.model', [], ['id'])).rejects.toThrow(/does not exist/);
      await expect(other.searchRead('stock.quant', [], { fields: ['nope'] })).rejects.toThrow(/Invalid field 'nope'/);
    });
  },
);
