import type { Doc, Line, Part } from '../../domain/document.ts';
import { quantity, readQuantity } from '../../domain/quantity.ts';
import { idOf, isTrue } from './api.ts';
import type { LightspeedConfig } from './config.ts';
import { allocationsOf, linesOf, type Sale, type SaleLine } from './sale-shape.ts';

/**
 *  - completed: the units are gone, and Lightspeed took them off; a refund is a sale with units below zero, which it put back.
 *  - voided, or archived before it was completed: as if it had never been.
 *  - else: nothing, but for units that were set aside for a customer before.
 */
type Standing = 'completed' | 'undone' | 'open';

function standingOf(sale: Sale): Standing {
  if (isTrue(sale.voided)) return 'undone';
  if (isTrue(sale.completed)) return 'completed';
  return isTrue(sale.archived) ? 'undone' : 'open';
}

/**
 * One sale (or refund, which is a sale of its own) as the state of its document.
 * @throws QuantityError, ZodError on a line that cannot be read.
 */
export function docOfSale(sale: Sale, config: LightspeedConfig): Doc {
  const standing = standingOf(sale);
  const source = sale.referenceNumberSource?.trim();
  const reference = sale.referenceNumber?.trim();
  return {
    account: config.account,
    doc: `sale:${sale.saleID}`,
    rev: sale.updatetime || sale.updateTime || null,
    whole: true,
    ...(source && reference && { origin: { source, id: reference } }),
    saleAt: momentOf(sale.completeTime, sale.timeStamp, sale.createTime),
    paid: standing === 'completed',
    state: isTrue(sale.voided)
      ? 'voided'
      : isTrue(sale.completed)
        ? 'completed'
        : isTrue(sale.archived)
          ? 'archived'
          : 'open',
    lines: linesOf(sale)
      .filter(hasStock)
      .map((line) => lineOf(line, idOf(line.shopID) ?? idOf(sale.shopID), standing, config)),
  };
}

/** Miscellaneous charges have no item; a fee names the item it is a fee for. */
const hasStock = (line: SaleLine): boolean =>
  idOf(line.itemID) !== null && idOf(line.itemFeeID) === null && !line.lineType?.startsWith('item_fee');

function lineOf(line: SaleLine, location: string | null, standing: Standing, config: LightspeedConfig): Line {
  const listing = line.itemID!;
  if (standing === 'open') return { line: line.saleLineID, listing, parts: [held(line, location, config)] };
  const units = standing === 'completed' ? readQuantity(line.unitQuantity ?? '') : 0;
  const part: Part = { location, committed: 0, out: units, returned: 0, taken: units };
  return { line: line.saleLineID, listing, parts: [part] };
}

/** What was set aside is promised; it has left QOH, unless the settings say otherwise. */
function held(line: SaleLine, location: string | null, config: LightspeedConfig): Part {
  const units = quantity(allocationsOf(line).reduce((sum, one) => sum + Math.max(0, readQuantity(one)), 0));
  return { location, committed: units, out: 0, returned: 0, taken: config.reservedIsOut ? units : 0 };
}

/** Is or was this line units set aside for a customer, by layaway, special order or work order? */
export const isReservation = (line: SaleLine): boolean =>
  isTrue(line.isLayaway) || isTrue(line.isSpecialOrder) || isTrue(line.isWorkorder);

/**
 * Units set aside as a document of their own, until they are rung up: from then on they are a line of that sale.
 * @throws QuantityError, ZodError on a line that cannot be read.
 */
export function docOfReservation(line: SaleLine, config: LightspeedConfig): Doc {
  const waits = idOf(line.saleID) === null && hasStock(line);
  return {
    account: config.account,
    doc: `reservation:${line.saleLineID}`,
    rev: line.timeStamp || null,
    whole: true,
    saleAt: momentOf(line.createTime, line.timeStamp),
    state: waits
      ? isTrue(line.isLayaway)
        ? 'layaway'
        : isTrue(line.isWorkorder)
          ? 'work order'
          : 'special order'
      : 'on a sale',
    lines: waits
      ? [{ line: line.saleLineID, listing: line.itemID!, parts: [held(line, idOf(line.shopID), config)] }]
      : [],
  };
}

/** The first that is a moment, with its zone. */
function momentOf(...texts: (string | null | undefined)[]): string {
  const ms = texts.map((text) => Date.parse(text ?? '')).find((one) => !Number.isNaN(one));
  return new Date(ms ?? 0).toISOString();
}
