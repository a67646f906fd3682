import { quantity } from '../../../domain/quantity.ts';
import type { StockLevel } from '../../../platform/sandbox-kit/index.ts';
import type { Row } from './domain.ts';
import { OdooError, userError } from './errors.ts';
import type { Office } from './office.ts';
import { quantRows } from './stock-rows.ts';
import type { Tables } from './tables.ts';

type Vals = Record<string, unknown>;

const ALLOWED = new Set([
  'product_id',
  'location_id',
  'lot_id',
  'package_id',
  'owner_id',
  'inventory_quantity',
  'inventory_quantity_auto_apply',
  'inventory_date',
  'user_id',
]);

/** Counting stock as Odoo does it: first a count is written down on a quant, then it is applied. */
export class Inventory {
  constructor(
    private readonly office: Office,
    private readonly tables: Tables,
  ) {}

  /** A count for each row, on the quant that is there or on a new one. All or nothing. */
  create(rows: Vals[], context: Record<string, unknown>): number[] {
    if (context['inventory_mode'] !== true)
      throw new OdooError(403, 'odoo.exceptions.AccessError', 'You are not allowed to create Quants.', 4);
    const places = rows.map((row) => this.#placeOf(row));
    return rows.map((row, index) => {
      const { level, kind } = places[index]!;
      const id = this.office.idOf(level, `quant ${kind}`);
      const auto = row['inventory_quantity_auto_apply'];
      const wanted = Number(auto ?? row['inventory_quantity'] ?? 0);
      this.#note(id, level, wanted);
      if (auto !== undefined) this.#apply(id);
      return id;
    });
  }

  #placeOf(row: Vals): { level: StockLevel; kind: string } {
    const odd = Object.keys(row).find((name) => !ALLOWED.has(name));
    if (odd) throw userError("Quant's creation is restricted, you can't do this operation.");
    const item = this.office.book.shelves.itemById(String(row['product_id']));
    const location = Number(row['location_id']);
    const there = this.office.warehouses.find((one) => one.stock === location || one.shelf === location);
    if (!item || !there)
      throw new OdooError(404, 'odoo.exceptions.MissingError', 'Record does not exist or has been deleted.', 2);
    if (!item.tracked)
      throw new OdooError(
        422,
        'odoo.exceptions.ValidationError',
        'Quants cannot be created for consumables or services.',
        2,
      );
    const level = this.office.book.shelves.level(item, there.spot)!;
    return { level, kind: there.shelf === location ? 'shelf' : 'plain' };
  }

  write(ids: number[], vals: Vals): boolean {
    for (const id of ids) this.#note(id, this.#levelOf(id), Number(vals['inventory_quantity']));
    return true;
  }

  #note(id: number, level: StockLevel, wanted: number): void {
    // A quant that does not exist yet is at zero.
    const now = Number(this.#row(id, level)?.['quantity'] ?? 0);
    this.office.counts.set(id, { inventory_quantity: wanted, diff: quantity(wanted - now) });
  }

  #row(id: number, level: StockLevel): Row | undefined {
    return quantRows(this.office, level).find((row) => row.id === id);
  }

  #levelOf(id: number): StockLevel {
    for (const kind of ['plain', 'shelf', 'lot']) {
      const level = this.office.thing(`quant ${kind}`, id);
      if (level) return level as StockLevel;
    }
    throw new OdooError(404, 'odoo.exceptions.MissingError', 'Record does not exist or has been deleted.', 2);
  }

  /** null: done. A dictionary asks a person, and then nothing at all was applied. */
  apply(ids: number[]): null | Record<string, unknown> {
    const interruption = this.office.between;
    this.office.between = undefined;
    interruption?.();
    const rows = ids.map((id) => this.#row(id, this.#levelOf(id)));
    if (rows.some((row) => row?.['is_outdated']))
      return {
        name: 'Conflict in Inventory Adjustment',
        type: 'ir.actions.act_window',
        view_mode: 'form',
        views: [[false, 'form']],
        res_model: 'stock.inventory.conflict',
        target: 'new',
        context: { default_quant_ids: ids },
      };
    for (const id of ids) this.#apply(id);
    return null;
  }

  #apply(id: number): void {
    const count = this.office.counts.get(id);
    this.office.counts.delete(id);
    if (!count || count.diff === 0) return;
    const level = this.#levelOf(id);
    const apart = this.office.shelved.get(level);
    if (apart && this.office.thing('quant shelf', id)) apart.shelf = quantity(apart.shelf + count.diff);
    this.office.book.write(level, { delta: count.diff }, 'write', { reference: 'Physical Inventory' });
  }

  clear(ids: number[]): boolean {
    for (const id of ids) this.office.counts.delete(id);
    return true;
  }

  /** Rows of quants by id; what does not exist is missing, as `read` leaves it out for rows that were deleted. */
  read(ids: number[]): Row[] {
    return ids.flatMap((id) => this.tables.quantsBeside(id).filter((row) => row.id === id));
  }
}
