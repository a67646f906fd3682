import type { Row } from './domain.ts';
import { OdooError, userError } from './errors.ts';
import type { Inventory } from './inventory.ts';
import type { Office } from './office.ts';
import { shown } from './print.ts';
import type { Rules } from './rules.ts';
import type { Tables } from './tables.ts';

export interface Asked {
  model: string;
  method: string;
  ids: number[] | undefined;
  args: Record<string, unknown>;
  context: Record<string, unknown>;
}

/** Which arguments the RPCs give by place, after the ids of methods that have some. */
const PLACES: Record<string, string[]> = {
  search_read: ['domain', 'fields', 'offset', 'limit', 'order'],
  search: ['domain', 'offset', 'limit', 'order'],
  search_count: ['domain'],
  create: ['vals_list'],
  fields_get: ['allfields', 'attributes'],
  read: ['fields'],
  write: ['vals'],
};

const OF_THE_MODEL = new Set(['search_read', 'search', 'search_count', 'create', 'fields_get']);

/** As `execute_kw` hands a call over: by place, then by name. */
export function placed(model: string, method: string, args: unknown[], kwargs: Record<string, unknown>): Asked {
  const { context, ...named } = kwargs;
  const [first, ...others] = OF_THE_MODEL.has(method) ? [undefined, ...args] : args;
  const names = PLACES[method] ?? [];
  for (const [index, value] of others.entries()) if (names[index]) named[names[index]] = value;
  const ids = first === undefined ? undefined : [first].flat(2).map(Number);
  return { model, method, ids, args: named, context: (context ?? {}) as Record<string, unknown> };
}

/** The methods of models that Onhand and the clients in the tests call. */
export class Methods {
  constructor(
    private readonly office: Office,
    private readonly tables: Tables,
    private readonly inventory: Inventory,
    private readonly rules: Rules,
  ) {}

  /** @throws OdooError */
  call(asked: Asked): unknown {
    const { model, method, args, context } = asked;
    this.tables.table(model);
    const ids = asked.ids ?? [];
    switch (method) {
      case 'search_read':
        return this.#found(asked).map((row) => this.#shown(model, row, args['fields']));
      case 'search':
        return this.#found(asked).map(({ id }) => id);
      case 'search_count':
        return this.#found(asked).length;
      case 'read':
        return this.#read(model, ids, context).map((row) => this.#shown(model, row, args['fields']));
      case 'fields_get':
        return this.#fields(model, context);
      case 'create':
        return this.#create(model, args['vals_list'], context);
      case 'write':
        return this.#write(model, ids, (args['vals'] ?? {}) as Record<string, unknown>);
      case 'unlink':
        return this.rules.unlink(model, ids);
    }
    return this.#button(model, method, ids);
  }

  #button(model: string, method: string, ids: number[]): unknown {
    const { book } = this.office;
    const orders = () => ids.flatMap((id) => book.order(String(id)) ?? []);
    switch (`${model}.${method}`) {
      case 'sale.order.action_confirm':
        for (const order of orders())
          if (!book.pay(order)) throw userError('Some orders are not in a state requiring confirmation.');
        return true;
      case 'sale.order.action_cancel':
        for (const order of orders()) book.cancel(order);
        return true;
      case 'stock.quant.action_apply_inventory':
        return this.inventory.apply(ids);
      case 'stock.quant.action_clear_inventory_quantity':
        this.inventory.clear(ids);
        return null;
    }
    const say = `The method '${model}.${method}' does not exist`;
    throw new OdooError(404, 'werkzeug.exceptions.NotFound', say);
  }

  #found({ model, args, context }: Asked): Row[] {
    const rows = this.tables.search(model, args['domain'] ?? [], context);
    if (args['order'] && !/^id( asc)?$/.test(String(args['order']))) sort(rows, String(args['order']));
    const offset = Number(args['offset'] ?? 0);
    const limit = Number(args['limit'] || rows.length);
    return rows.slice(offset, offset + limit);
  }

  #read(model: string, ids: number[], context: Record<string, unknown>): Row[] {
    if (model === 'stock.quant') return this.inventory.read(ids);
    return ids.flatMap((id) => this.tables.byId(model, id, context) ?? []);
  }

  /** Only what was asked for; seconds only. */
  #shown(model: string, row: Row, fields: unknown): Record<string, unknown> {
    const names = Array.isArray(fields) && fields.length > 0 ? ['id', ...(fields as string[])] : Object.keys(row);
    const odd = names.find((name) => !(name in row));
    if (odd) throw new OdooError(500, 'builtins.ValueError', `Invalid field '${odd}' on '${model}'`);
    return Object.fromEntries(
      [...new Set(names)].map((name) => {
        const value = row[name];
        return [name, /_date$|^date_order$/.test(name) && typeof value === 'string' ? shown(value) : value];
      }),
    );
  }

  #fields(model: string, context: Record<string, unknown>): Record<string, unknown> {
    const [row] = this.tables.table(model).rows(context);
    return Object.fromEntries(
      Object.entries(row ?? { id: 0 }).map(([name, value]) => [name, { string: name, type: typeOf(name, value) }]),
    );
  }

  /** One row gives one id where it was not in a list. */
  #create(model: string, given: unknown, context: Record<string, unknown>): unknown {
    const rows = (Array.isArray(given) ? given : [given]) as Record<string, unknown>[];
    const ids =
      model === 'stock.quant' ? this.inventory.create(rows, context) : rows.map((row) => this.#make(model, row));
    return Array.isArray(given) ? ids : ids[0];
  }

  #make(model: string, row: Record<string, unknown>): number {
    const { book } = this.office;
    if (model === 'product.product') {
      const sku = String(row['default_code'] ?? `NEW-${this.office.nextId()}`);
      const [item] = book.seed([
        { sku, title: String(row['name']), stock: {}, untracked: row['is_storable'] !== true },
      ]);
      return Number(item!.id);
    }
    if (model === 'sale.order') return this.#order(row);
    if (model === 'base.automation' || model === 'ir.actions.server') return this.rules.create(model, row);
    if (model === 'res.partner') return 7;
    throw new OdooError(501, 'onhand.NotModelled', `This stand-in does not make rows of ${model}.`);
  }

  #order(row: Record<string, unknown>): number {
    const { book } = this.office;
    const lines = ((row['order_line'] ?? []) as [number, number, Record<string, unknown>][]).map(([, , vals]) => {
      const item = book.shelves.itemById(String(vals['product_id']));
      if (!item) throw userError('The product does not exist.');
      return { item, quantity: Number(vals['product_uom_qty'] ?? 1) };
    });
    const { client_order_ref } = row;
    const placed = book.place({
      lines,
      location: null,
      sell: { policy: 'below-zero' },
      paid: false,
      extra: { client_order_ref: client_order_ref ?? false },
    });
    if (!placed.ok) throw userError(placed.why);
    return Number(placed.order.id);
  }

  #write(model: string, ids: number[], vals: Record<string, unknown>): boolean {
    if (model === 'stock.quant') return this.inventory.write(ids, vals);
    if (model === 'base.automation' || model === 'ir.actions.server') return this.rules.write(model, ids, vals);
    throw new OdooError(501, 'onhand.NotModelled', `This stand-in does not change rows of ${model}.`);
  }
}

function sort(rows: Row[], order: string): void {
  const keys = order.split(',').map((part) => part.trim().split(/\s+/) as [string, string?]);
  rows.sort((a, b) => {
    for (const [name, direction] of keys) {
      const [x, y] = [a[name] as string, b[name] as string];
      if (x !== y) return (x < y ? -1 : 1) * (direction === 'desc' ? -1 : 1);
    }
    return 0;
  });
}

function typeOf(name: string, value: unknown): string {
  if (Array.isArray(value)) return typeof value[1] === 'string' ? 'many2one' : 'one2many';
  if (typeof value === 'number') return name === 'id' ? 'integer' : 'float';
  return typeof value === 'boolean' ? 'boolean' : 'char';
}
