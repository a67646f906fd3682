import type { Quantity } from '../../domain/quantity.ts';

/** One sellable thing with its stock, in the stand-in's own words. */
export interface StockItem {
  /** 1, 2, 3 … in order of creation: vendor ids are made from it (`StockBookOptions.itemId`). */
  seq: number;
  id: string;
  sku: string;
  title: string;
  /** false: sold without counting. */
  tracked: boolean;
  /** One per location, in the book's order of locations. */
  levels: StockLevel[];
  /** Free for the vendor's own members (product type, parent id). */
  extra?: Record<string, unknown>;
}

/** Stock of one item at one place. What shoppers can buy is {@link availableOf}. */
export interface StockLevel {
  item: StockItem;
  location: string;
  onHand: Quantity;
  /** In open orders. */
  committed: Quantity;
  /** Held back by the merchant; never sold. */
  safety: Quantity;
  /** Gone since the seed: shipped, handed over or written off, less restocked. */
  out: Quantity;
  /** Counts this level's changes, from 1: a version token. */
  version: number;
  changedAtMs: number;
  /** Units taken lately, for shops that check stock before they lower it. */
  recent?: { untilMs: number; units: Quantity }[];
}

/** One line's share at one place. `allocated = committed + fulfilled + released + writtenOff`. */
export interface StockPart {
  location: string;
  committed: Quantity;
  fulfilled: Quantity;
  /** Cancelled before it went, back on sale. */
  released: Quantity;
  /** Cancelled before it went, not back on sale (a cancellation without restock). */
  writtenOff: Quantity;
  /** Of `fulfilled`: paid back, whether or not the goods went on a shelf, wherever that was. */
  refunded: Quantity;
  /** Came back and was put on the shelf here; may be a place it was never sent from. */
  restocked: Quantity;
}

export interface StockLine {
  /** Stable over edits. */
  id: string;
  item: StockItem;
  /** As ordered, edits that add included; never shrinks. */
  quantity: Quantity;
  /** Cancelled before any place had been chosen (unpaid orders of shops that take stock when paid). */
  dropped: Quantity;
  /** Did the item count its stock when this was taken? Switching that later changes nothing here. */
  counted: boolean;
  /** Empty until stock is taken. */
  parts: StockPart[];
}

export interface StockFulfilment {
  seq: number;
  atMs: number;
  location: string;
  lines: { line: StockLine; quantity: Quantity }[];
}

export interface StockRefund {
  seq: number;
  atMs: number;
  /** `cancel`: had not gone · `return`: had gone. */
  of: 'cancel' | 'return';
  restock: boolean;
  lines: { line: StockLine; quantity: Quantity; location: string | null }[];
}

export interface StockOrder {
  /** 1, 2, 3 … in order of placing. */
  seq: number;
  id: string;
  placedAtMs: number;
  /** Strictly increasing over all orders of a book (fractions of a millisecond where many come at once). */
  changedAtMs: number;
  /** Counts this order's changes, from 1. */
  version: number;
  /** null: not paid. */
  paidAtMs: number | null;
  cancelledAtMs: number | null;
  /** Where the till stands; null for online orders. */
  location: string | null;
  /** false until stock was taken for it. */
  taken: boolean;
  lines: StockLine[];
  fulfilments: StockFulfilment[];
  refunds: StockRefund[];
  /** Free for the vendor's own members (source name, status, payments). */
  extra?: Record<string, unknown>;
}

/** Why a number changed: what an inventory history feed would say. */
export type StockCause = 'seed' | 'sale' | 'cancel' | 'fulfil' | 'refund' | 'move' | 'edit' | 'write' | 'safety';

export interface JournalRow {
  seq: number;
  atMs: number;
  level: StockLevel;
  cause: StockCause;
  /** Order id, or what the writer named. */
  reference: string | null;
  onHandDelta: Quantity;
  committedDelta: Quantity;
  /** After the change. */
  onHand: Quantity;
  available: Quantity;
}

export type StockEvent =
  | {
      kind: 'order';
      order: StockOrder;
      cause: 'placed' | 'paid' | 'cancelled' | 'fulfilled' | 'refunded' | 'edited';
      /** One per place the goods left from. */
      fulfilments?: StockFulfilment[];
      refund?: StockRefund;
    }
  /** Sellable or physical stock changed; `before` is what was available. */
  | { kind: 'level'; level: StockLevel; before: Quantity; cause: StockCause; reference: string | null };

/**
 * How a shop decides whether it has enough.
 *  - refuse: atomically, never below zero.
 *  - racy: looks at stock as it was `windowMs` ago, so parallel orders get through (WooCommerce: 8 of 8 on stock 1).
 *  - below-zero: sells what it does not have (tills, back orders, Odoo).
 */
export type SellPolicy = { policy: 'refuse' } | { policy: 'racy'; windowMs: number } | { policy: 'below-zero' };
