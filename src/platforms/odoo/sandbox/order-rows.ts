import {
  openOf,
  type StockFulfilment,
  type StockLine,
  type StockOrder,
  type StockRefund,
} from '../../../platform/sandbox-kit/index.ts';
import type { Row } from './domain.ts';
import { COMPANY, CUSTOMERS, isTill, type Office, productOf } from './office.ts';
import { moment } from './print.ts';

export interface OrderRows {
  order: Row;
  lines: Row[];
  moves: Row[];
  pickings: Row[];
}

type Way = { from: number; to: number };

/** The rows that Sales and Inventory keep of one order; made anew only when it changed. */
export class SaleRows {
  readonly #made = new WeakMap<StockOrder, { version: number; rows: OrderRows }>();

  constructor(private readonly office: Office) {}

  of(order: StockOrder): OrderRows {
    const made = this.#made.get(order);
    if (made?.version === order.version) return made.rows;
    const rows = this.#make(order);
    this.#made.set(order, { version: order.version, rows });
    return rows;
  }

  #make(order: StockOrder): OrderRows {
    const moves: Row[] = [];
    const pickings: Row[] = [];
    const lines = order.lines.map((line) => this.#line(order, line));
    const { office } = this;
    const stockOf = (spot: string) => office.warehouses.find((one) => one.spot === spot)!.stock;
    const move = (
      thing: object,
      kind: string,
      line: StockLine,
      units: number,
      state: string,
      way: Way,
      atMs: number,
    ) => {
      const id = office.idOf(thing, kind);
      moves.push(this.#move(id, order, line, units, state, way, atMs));
      const row = lines.find((one) => one.id === Number(line.id))!;
      (row['move_ids'] as number[]).push(id);
    };
    for (const fulfilment of order.fulfilments) {
      pickings.push(this.picking(order, fulfilment, 'done', fulfilment.atMs));
      for (const part of fulfilment.lines)
        move(
          part,
          'move',
          part.line,
          part.quantity,
          'done',
          { from: stockOf(fulfilment.location), to: CUSTOMERS },
          fulfilment.atMs,
        );
    }
    for (const refund of order.refunds) {
      if (refund.of === 'return' && refund.restock) pickings.push(this.picking(order, refund, 'done', refund.atMs));
      for (const part of refund.lines) {
        if (part.location === null) continue;
        const there = stockOf(part.location);
        if (refund.of === 'cancel')
          move(part, 'move', part.line, part.quantity, 'cancel', { from: there, to: CUSTOMERS }, refund.atMs);
        else if (refund.restock)
          move(part, 'move', part.line, part.quantity, 'done', { from: CUSTOMERS, to: there }, refund.atMs);
      }
    }
    for (const line of order.lines)
      for (const part of line.parts)
        if (part.committed > 0)
          move(
            part,
            'open',
            line,
            part.committed,
            'assigned',
            { from: stockOf(part.location), to: CUSTOMERS },
            order.changedAtMs,
          );
    return { order: this.#order(order, lines), lines, moves, pickings };
  }

  #order(order: StockOrder, lines: Row[]): Row {
    const changed = this.office.headerMs.get(order) ?? order.placedAtMs;
    const open = order.lines.reduce((sum, line) => sum + openOf(line, order), 0);
    const name = nameOf(order);
    return {
      id: Number(order.id),
      name,
      display_name: name,
      state: order.cancelledAtMs !== null ? 'cancel' : order.taken ? 'sale' : 'draft',
      locked: false,
      client_order_ref: order.extra?.['client_order_ref'] ?? false,
      source_id: order.extra?.['source_id'] ?? false,
      company_id: COMPANY,
      partner_id: [7, 'Cust'],
      warehouse_id: [this.office.warehouses[0]!.id, this.office.warehouses[0]!.name],
      date_order: moment(order.paidAtMs ?? order.placedAtMs),
      create_date: moment(order.placedAtMs),
      write_date: moment(changed),
      order_line: lines.map(({ id }) => id),
      delivery_status: order.fulfilments.length === 0 ? 'pending' : open > 0 ? 'partial' : 'full',
    };
  }

  #line(order: StockOrder, line: StockLine): Row {
    this.office.idOf(line, 'line');
    return {
      id: Number(line.id),
      order_id: [Number(order.id), nameOf(order)],
      product_id: productOf(line.item),
      product_uom_qty: line.quantity,
      product_uom_id: [1, 'Units'],
      qty_delivered: line.parts.reduce((sum, part) => sum + part.fulfilled - part.restocked, 0),
      display_type: false,
      move_ids: [],
      write_date: moment(this.office.headerMs.get(order) ?? order.placedAtMs),
    };
  }

  #move(id: number, order: StockOrder, line: StockLine, units: number, state: string, way: Way, atMs: number): Row {
    const spot = (location: number): [number, string] => [location, location === CUSTOMERS ? 'Customers' : 'WH/Stock'];
    return {
      id,
      product_id: productOf(line.item),
      product_qty: units,
      product_uom_qty: units,
      quantity: state === 'cancel' ? 0 : units,
      state,
      location_id: spot(way.from),
      location_dest_id: spot(way.to),
      location_final_id: spot(way.to),
      move_dest_ids: [],
      sale_line_id: [Number(line.id), nameOf(order)],
      is_inventory: false,
      write_date: moment(atMs),
    };
  }

  picking(order: StockOrder, document: StockFulfilment | StockRefund, state: string, atMs: number): Row {
    const id = this.office.idOf(document, 'picking');
    const till = isTill(order);
    return {
      id,
      name: `WH/OUT/${String(id).padStart(5, '0')}`,
      state,
      sale_id: till ? false : [Number(order.id), nameOf(order)],
      pos_order_id: till ? [Number(order.id), nameOf(order)] : false,
      write_date: moment(atMs),
    };
  }
}

const nameOf = (order: StockOrder): string => `S${String(order.seq).padStart(5, '0')}`;
