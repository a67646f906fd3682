import type { StockOrder } from '../../../platform/sandbox-kit/index.ts';
import { compile, type Relations, type Row } from './domain.ts';
import { OdooError } from './errors.ts';
import { type Automation, isTill, type Office } from './office.ts';
import { SaleRows } from './order-rows.ts';
import { locationRows, productRow, quantRows, warehouseRows } from './stock-rows.ts';
import { tillRows } from './till-rows.ts';

type Context = Record<string, unknown>;

interface Table {
  rows(context: Context): Row[];
  /** The rows with these values of a field, where that can be had without looking at all. */
  where?: Record<string, (ids: number[], context: Context) => Row[]>;
}

const TARGETS: Record<string, string> = {
  order_id: 'sale.order',
  order_line: 'sale.order.line',
  move_ids: 'stock.move',
  sale_line_id: 'sale.order.line',
  location_id: 'stock.location',
  session_id: 'pos.session',
  product_id: 'product.product',
};

/** All models the stand-in knows, as tables of rows over the book. */
export class Tables implements Relations {
  readonly sales: SaleRows;
  readonly #tables: Record<string, Table>;

  constructor(private readonly office: Office) {
    this.sales = new SaleRows(office);
    this.#tables = this.#all();
  }

  models(): string[] {
    return Object.keys(this.#tables);
  }

  /** @throws OdooError for a model that is not installed. */
  table(model: string): Table {
    const table = this.#tables[model];
    if (table) return table;
    throw new OdooError(404, 'werkzeug.exceptions.NotFound', `The model '${model}' does not exist`);
  }

  /** Ascending by id. */
  search(model: string, domain: unknown, context: Context): Row[] {
    const test = compile(model, domain, this);
    const table = this.table(model);
    const [first] = domain as unknown[];
    const [path, operator, value] = Array.isArray(first) ? first : [];
    const where = operator === 'in' || operator === '=' ? table.where?.[String(path)] : undefined;
    const rows = where ? where((Array.isArray(value) ? value : [value]).map(Number), context) : table.rows(context);
    const active = context['active_test'] === false ? rows : rows.filter((row) => row['active'] !== false);
    return active.filter(test).sort((a, b) => a.id - b.id);
  }

  byId(model: string, id: number, context: Context = {}): Row | undefined {
    const where = this.table(model).where?.['id'];
    return where
      ? where([id], context)[0]
      : this.table(model)
          .rows(context)
          .find((row) => row.id === id);
  }

  target(model: string, field: string): string | undefined {
    if (model === 'pos.order.line' && field === 'order_id') return 'pos.order';
    return TARGETS[field];
  }

  isBelow(location: number, above: number): boolean {
    const there = this.office.warehouses.find((one) => one.view === above);
    return location === above || (there !== undefined && [there.stock, there.shelf].includes(location));
  }

  #all(): Record<string, Table> {
    const { office, sales } = this;
    const { book } = office;
    const { shelves } = book;
    const sold = () => book.orders.filter((order) => !isTill(order));
    const tills = () => book.orders.filter(isTill);
    const ofLines = (ids: number[]) => new Set(ids.flatMap((id) => this.#lines.get(id) ?? []));
    const wanted = (ids: number[]) => ids.flatMap((id) => book.order(String(id)) ?? []);
    const among = (rows: Row[], ids: number[]) => rows.filter((row) => ids.includes(row.id));
    const items = (ids: number[]) => ids.flatMap((id) => shelves.itemById(String(id)) ?? []);
    return {
      'product.product': {
        rows: (context) => shelves.items.map((item) => productRow(office, item, context)),
        where: { id: (ids, context) => items(ids).map((item) => productRow(office, item, context)) },
      },
      'stock.warehouse': { rows: () => warehouseRows(office) },
      'stock.location': { rows: () => locationRows(office) },
      'stock.quant': {
        rows: () => shelves.items.flatMap((item) => item.levels.flatMap((level) => quantRows(office, level))),
        where: {
          product_id: (ids) => items(ids).flatMap((item) => item.levels.flatMap((level) => quantRows(office, level))),
          id: (ids) =>
            among(
              ids.flatMap((id) => this.quantsBeside(id)),
              ids,
            ),
        },
      },
      'sale.order': {
        rows: () => sold().map((order) => sales.of(order).order),
        where: { id: (ids) => wanted(ids).flatMap((order) => (isTill(order) ? [] : [sales.of(order).order])) },
      },
      'sale.order.line': {
        rows: () => sold().flatMap((order) => sales.of(order).lines),
        where: {
          id: (ids) =>
            among(
              [...ofLines(ids)].flatMap((order) => sales.of(order).lines),
              ids,
            ),
          order_id: (ids) => wanted(ids).flatMap((order) => (isTill(order) ? [] : sales.of(order).lines)),
        },
      },
      'stock.move': {
        rows: () => sold().flatMap((order) => sales.of(order).moves),
        where: {
          id: (ids) =>
            among(
              ids.flatMap((id) => this.#moves.get(id) ?? []).flatMap((order) => sales.of(order).moves),
              ids,
            ),
          sale_line_id: (ids) => [...ofLines(ids)].flatMap((order) => sales.of(order).moves),
        },
      },
      'stock.picking': { rows: () => sold().flatMap((order) => sales.of(order).pickings) },
      'pos.order': {
        rows: () => tills().flatMap((order) => tillRows(office, order).orders),
        where: {
          id: (ids) =>
            among(
              this.#tillsOf(ids).flatMap((order) => tillRows(office, order).orders),
              ids,
            ),
        },
      },
      'pos.order.line': {
        rows: () => tills().flatMap((order) => tillRows(office, order).lines),
        where: { order_id: (ids) => this.#tillsOf(ids).flatMap((order) => tillRows(office, order).lines) },
      },
      'pos.config': {
        rows: () => office.warehouses.map(({ id, name }, at) => ({ id: at + 1, name, warehouse_id: [id, name] })),
      },
      'pos.session': {
        rows: () =>
          office.warehouses.map(({ name }, at) => ({
            id: at + 1,
            name,
            state: 'opened',
            write_date: '1970-01-01 00:00:00',
          })),
      },
      'res.partner': { rows: () => [{ id: 7, name: 'Cust' }] },
      'base.automation': { rows: () => [...office.automations.values()].map(automationRow) },
      'ir.actions.server': { rows: () => [...office.actions.values()].map((one) => this.#actionRow(one)) },
      'ir.model': { rows: () => this.models().map((model, at) => ({ id: 500 + at, model, name: model })) },
      'ir.model.fields': { rows: () => this.#fieldRows() },
    };
  }

  /** Orders by their moves: a domain that walks from order to move asks for each by its id. */
  readonly #moves = new Map<number, StockOrder>();
  readonly #lines = new Map<number, StockOrder>();

  /** To be called when an order changed. */
  index(order: StockOrder): void {
    if (isTill(order)) return;
    for (const line of order.lines) this.#lines.set(Number(line.id), order);
    for (const move of this.sales.of(order).moves) this.#moves.set(move.id, order);
  }

  #tillsOf(ids: number[]): StockOrder[] {
    const found = ids.flatMap((id) => {
      const order = this.office.book.order(String(id));
      if (order) return isTill(order) ? [order] : [];
      const refund = this.office.thing('tillOrder', id);
      return this.office.book.orders.filter((one) => one.refunds.some((other) => other === refund));
    });
    return [...new Set(found)];
  }

  /** A quant and those beside it: they share a level. */
  quantsBeside(id: number): Row[] {
    for (const kind of ['plain', 'shelf', 'lot']) {
      const level = this.office.thing(`quant ${kind}`, id);
      if (level) return quantRows(this.office, level as Parameters<typeof quantRows>[1]);
    }
    return [];
  }

  #actionRow({ id, vals }: Automation): Row {
    const model = this.byId('ir.model', Number(vals['model_id']));
    const automation = this.office.automations.get(Number(vals['base_automation_id']));
    return {
      id,
      name: vals['name'] ?? false,
      state: vals['state'] ?? 'code',
      model_id: model ? [model.id, String(model['name'])] : false,
      model_name: model?.['model'] ?? false,
      webhook_url: vals['webhook_url'] ?? false,
      base_automation_id: automation ? [automation.id, String(automation.vals['name'])] : false,
    };
  }

  /** Every field of the models that rules are made for. */
  #fieldRows(): Row[] {
    const named: Record<string, string[]> = {
      'sale.order': ['name', 'state', 'delivery_status', 'write_date'],
      'sale.order.line': ['order_id', 'product_uom_qty', 'write_date'],
      'stock.picking': ['name', 'state', 'sale_id', 'pos_order_id', 'write_date'],
      'stock.quant': ['product_id', 'location_id', 'quantity', 'write_date'],
      'pos.order': ['name', 'state', 'write_date'],
    };
    let id = 6_000;
    return Object.entries(named).flatMap(([model, names]) => names.map((name) => ({ id: id++, model, name })));
  }
}

const automationRow = ({ id, active, vals }: Automation): Row => ({
  id,
  active,
  name: vals['name'] ?? false,
  trigger: vals['trigger'] ?? false,
});
