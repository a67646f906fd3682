import { HookSender, type StockEvent } from '../../../platform/sandbox-kit/index.ts';
import type { Row } from './domain.ts';
import { OdooError } from './errors.ts';
import { isTill, type Office } from './office.ts';
import { pythonJson } from './print.ts';
import { quantRows } from './stock-rows.ts';
import type { Tables } from './tables.ts';
import { tillRows } from './till-rows.ts';

/** After the commit, in the same worker. */
const DELAY_MS = 150;

/** Automation rules with a webhook each: sent once, with one second to answer, and never again. */
export class Rules {
  readonly #sender: HookSender;

  constructor(
    private readonly office: Office,
    private readonly tables: Tables,
  ) {
    const { clock, random, factor, deliver } = office.options;
    this.#sender = new HookSender({
      clock,
      random,
      factor,
      deliver,
      plan: {
        delayMs: (draw) => draw() * DELAY_MS,
        retriesMs: [],
        bodyFrom: 'event',
        coalesce: false,
        offAfter: null,
        timeoutMs: 1_000,
      },
    });
    office.book.onChange((event) => this.#hear(event));
  }

  quiet(): boolean {
    return this.#sender.quiet();
  }

  close(): void {
    this.#sender.close();
  }

  create(model: string, vals: Record<string, unknown>): number {
    const id = this.office.nextId();
    if (model === 'ir.actions.server' && !/^https?:/.test(String(vals['webhook_url'])))
      throw new OdooError(422, 'odoo.exceptions.ValidationError', 'A webhook needs a URL.', 2);
    const table = model === 'base.automation' ? this.office.automations : this.office.actions;
    table.set(id, { id, active: true, vals });
    return id;
  }

  write(model: string, ids: number[], vals: Record<string, unknown>): boolean {
    const table = model === 'base.automation' ? this.office.automations : this.office.actions;
    for (const one of ids.flatMap((id) => table.get(id) ?? [])) {
      if (typeof vals['active'] === 'boolean') one.active = vals['active'];
      Object.assign(one.vals, vals);
    }
    return true;
  }

  unlink(model: string, ids: number[]): boolean {
    const { automations, actions } = this.office;
    if (model !== 'base.automation' && model !== 'ir.actions.server')
      throw new OdooError(501, 'onhand.NotModelled', `This stand-in does not delete rows of ${model}.`);
    for (const id of ids) (model === 'base.automation' ? automations : actions).delete(id);
    for (const action of [...actions.values()])
      if (!automations.has(Number(action.vals['base_automation_id']))) actions.delete(action.id);
    return true;
  }

  /** What a change of the book changes in Odoo's rows, and who is told. */
  #hear(event: StockEvent): void {
    if (event.kind === 'level') {
      // A sale and a cancellation only reserve: what lies there stays as it is.
      if (event.cause === 'sale' || event.cause === 'cancel') return;
      const [row] = quantRows(this.office, event.level);
      const { level } = event;
      const product: [number, string] = [Number(level.item.id), level.item.sku];
      this.#fire(
        'stock.quant',
        row ?? {
          id: this.office.idOf(level, 'quant plain'),
          product_id: product,
          location_id: false,
          write_date: false,
        },
        ['quantity'],
      );
      return;
    }
    const { order, cause, fulfilments, refund } = event;
    if (cause === 'placed' || cause === 'paid' || (cause === 'cancelled' && order.cancelledAtMs !== null))
      this.office.headerMs.set(order, order.changedAtMs);
    this.tables.index(order);
    if (isTill(order)) {
      const { orders } = tillRows(this.office, order);
      if (cause !== 'fulfilled') this.#fire('pos.order', orders.at(-1)!, ['state']);
      return;
    }
    const rows = this.tables.sales.of(order);
    if (cause === 'placed' || cause === 'paid' || cause === 'cancelled')
      this.#fire('sale.order', rows.order, ['state']);
    if (cause === 'placed') for (const line of rows.lines) this.#fire('sale.order.line', line, ['product_uom_qty']);
    // A delivery is told as soon as it is there, before it knows its order; then again, and the order once more.
    if (cause === 'placed' || cause === 'paid')
      for (const row of rows.pickings) {
        this.#fire('stock.picking', { ...row, sale_id: false, state: 'draft' }, ['state']);
        this.#fire('stock.picking', row, ['state']);
        this.#fire('sale.order', rows.order, ['delivery_status']);
      }
    if (cause === 'edited') for (const line of rows.lines) this.#fire('sale.order.line', line, ['product_uom_qty']);
    for (const document of [...(fulfilments ?? []), ...(refund?.of === 'return' && refund.restock ? [refund] : [])]) {
      const row = rows.pickings.find(({ id }) => id === this.office.idOf(document, 'picking'));
      if (row) this.#fire('stock.picking', row, ['state']);
    }
  }

  #fire(model: string, row: Row, changed: string[]): void {
    for (const action of this.office.actions.values()) {
      const automation = this.office.automations.get(Number(action.vals['base_automation_id']));
      const of = this.tables.byId('ir.model', Number(action.vals['model_id']));
      if (!automation?.active || of?.['model'] !== model) continue;
      const on = this.#names(automation.vals['trigger_field_ids']);
      if (on.length > 0 && !on.some((name) => changed.includes(name))) continue;
      const sent = this.#names(action.vals['webhook_field_ids']).map((name) => [name, sentAs(row[name])]);
      const body = {
        _action: `${action.vals['name']}(#${action.id})`,
        _id: row.id,
        _model: model,
        id: row.id,
        ...Object.fromEntries(sent),
      };
      const request = {
        method: 'POST' as const,
        url: String(action.vals['webhook_url']),
        headers: { 'content-type': 'application/json', 'user-agent': 'python-requests/2.28.1' },
        body: pythonJson(body, '', true),
      };
      this.#sender.send({ subscription: String(action.id), key: `${model} ${row.id}`, build: () => request });
    }
  }

  /** `[[6, 0, ids]]` as names. */
  #names(commands: unknown): string[] {
    const ids = Array.isArray(commands) ? ((commands[0] as unknown[])?.[2] as number[]) : [];
    return ids.flatMap((id) => {
      const name = this.tables.byId('ir.model.fields', id)?.['name'];
      return typeof name === 'string' ? [name] : [];
    });
  }
}

/** From 18 on a reference is sent as its bare id. */
const sentAs = (value: unknown): unknown => (Array.isArray(value) && typeof value[1] === 'string' ? value[0] : value);
