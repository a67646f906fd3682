import { emptyPart, type Part } from '../../domain/document.ts';
import { type Quantity, quantity } from '../../domain/quantity.ts';

/** Units at a place; null: Shopify has not said where. */
export interface Placed {
  location: string | null;
  units: Quantity;
}

/** What Shopify tells of one order line, the same from a webhook and from GraphQL. */
export interface LineFacts {
  /** `current_quantity`: ordered less refunded and removed. */
  current: Quantity;
  /** What Shopify says is still to be fulfilled; only used where refunds leave it open. */
  unfulfilled: Quantity;
  /** Fulfilments that succeeded. */
  shipped: Placed[];
  /** Fulfilments handed to a third party that has not confirmed them: promised, and their place is known. */
  handedOver: Placed[];
  /** Where open fulfilment orders mean to take the rest from; empty in webhooks, which do not say. */
  assigned: Placed[];
  /** Where fulfilment orders, closed ones included, were meant to take the line from: the place of units lost before shipping. */
  planned: Placed[];
  /** Refund lines of type `return`: refunded, and back on the shelf at this place. */
  restocked: Placed[];
  /** Returned parcels put on the shelf at this place beyond what refunds say: `current` does not know of them. */
  reshelved: Placed[];
  /** Refund lines of type `no_restock`: money only, wherever the units are. */
  notRestocked: Quantity;
  /** The order is cancelled: nothing of it is promised any more. */
  cancelled: boolean;
  /** Shopify has taken stock for it: the item is tracked and the order confirmed. */
  counted: boolean;
  /** Where units are taken to be of which nothing else is known: null lets the engine ask (webhooks of unshipped goods). */
  otherwise: { open: string | null; gone: string | null };
}

/**
 * One line's parts. The sum never depends on guesses: the line asks for what is left of it (`current`) plus the units that
 * were refunded without going back on sale. Refunds of type `cancel` are in neither, which is what releases them.
 *
 * How much of that is still promised follows from what was shipped, except that a `no_restock` refund does not say whether
 * its units had been shipped: there, and only there, Shopify's own count of unfulfilled units decides, within what is possible.
 *
 * Where Shopify counts no stock for the line, "not restocked" means nothing: what never left is simply free again, and what
 * had been shipped and was paid back may have come back or not.
 */
export function partsOf(line: LineFacts): Part[] {
  const shipped = total(line.shipped);
  const restocked = total(line.restocked);
  const least = quantity(line.current - shipped + restocked);
  const open = clamp(clamp(line.unfulfilled, least, least + line.notRestocked), 0, line.current);
  // A cancelled order's units that were not refunded are off sale and not promised: gone, until a refund puts them back.
  const promised = line.cancelled ? 0 : open;
  const neverLeft = quantity(line.current + line.notRestocked - promised - (shipped - restocked));

  const places = new Places();
  for (const { location, units } of line.shipped) places.at(location ?? line.otherwise.gone).out += units;
  for (const { location, units } of [...line.restocked, ...line.reshelved])
    places.at(location ?? line.otherwise.gone).out -= units;
  if (line.counted)
    spread(neverLeft, line.planned, line.otherwise.gone, (place, units) => {
      places.at(place).out += units;
    });
  else
    spread(clamp(open - least, 0, line.notRestocked), line.shipped, line.otherwise.gone, (place, units) => {
      places.at(place).returned += units;
    });
  spread(promised, [...line.handedOver, ...line.assigned], line.otherwise.open, (place, units) => {
    places.at(place).committed += units;
  });
  return places.parts(line.counted);
}

const total = (placed: Placed[]): Quantity => quantity(placed.reduce((sum, { units }) => sum + units, 0));

const clamp = (value: number, least: number, most: number): Quantity =>
  quantity(Math.min(Math.max(value, least), most));

/** Gives `units` to the named places in order, the rest to where nothing is known. */
function spread(
  units: Quantity,
  wishes: Placed[],
  otherwise: string | null,
  give: (place: string | null, units: Quantity) => void,
): void {
  let left = units;
  for (const { location, units: most } of wishes) {
    const share = quantity(Math.min(left, Math.max(0, most)));
    if (share <= 0 || location === null) continue;
    give(location, share);
    left = quantity(left - share);
  }
  if (left !== 0) give(otherwise, left);
}

class Places {
  readonly #parts = new Map<string | null, Part>();

  at(location: string | null): Part {
    const known = this.#parts.get(location);
    if (known) return known;
    const part = { ...emptyPart, location };
    this.#parts.set(location, part);
    return part;
  }

  parts(counted: boolean): Part[] {
    return [...this.#parts.values()]
      .map((part) => {
        const committed = quantity(part.committed);
        const out = quantity(part.out);
        return { ...part, committed, out, taken: counted ? quantity(committed + out) : 0 };
      })
      .filter((part) => part.committed !== 0 || part.out !== 0 || part.returned !== 0);
  }
}
