import type { Doc, Line, Part } from '../../../domain/document.ts';
import { emptyPart } from '../../../domain/document.ts';
import { type Quantity, quantity, readQuantity } from '../../../domain/quantity.ts';
import { utcOf } from '../api.ts';
import type { Cin7Config } from '../config.ts';
import { boughtAt, isDone, isSold, type Placed, type Sale } from './sale.ts';

type Place = (names: { id?: string | null; name?: string | null }) => Promise<string | null>;

interface Tally {
  sku: string | null;
  ordered: Quantity;
  /** Of `ordered`: waits for stock to come; Cin7 has not allocated it. */
  waiting: Quantity;
  picked: Map<string | null, Quantity>;
  gone: Map<string | null, Quantity>;
  back: Map<string | null, Quantity>;
}

/**
 * One sale with its parcels and credit notes as the state of its document. Order lines carry no id: units are added up by
 * product. `Available` falls when the order is authorised, so everything but back orders is taken.
 * @throws QuantityError on a quantity that no stock can have.
 */
export async function docOf(sale: Sale, config: Cin7Config, place: Place): Promise<Doc> {
  const tallies = await tally(sale, config, place);
  const home = await place({ name: sale.Location ?? null });
  const lines: Line[] = [];
  for (const [product, one] of tallies)
    lines.push({ line: product, listing: product, ...(one.sku && { sku: one.sku }), parts: partsOf(one, home) });
  const source = sale.SourceChannel?.trim();
  const external = sale.ExternalID?.trim();
  return {
    account: config.account,
    doc: `sale:${sale.ID}`,
    rev: utcOf(sale.LastModifiedOn),
    whole: true,
    ...(source && external && { origin: { source, id: external } }),
    ...(source && { source }),
    saleAt: boughtAt(sale),
    ...(sale.CombinedPaymentStatus && { paid: sale.CombinedPaymentStatus === 'PAID' }),
    ...(sale.Status && { state: sale.Status }),
    lines,
  };
}

async function tally(sale: Sale, config: Cin7Config, place: Place): Promise<Map<string, Tally>> {
  const tallies = new Map<string, Tally>();
  const of = (product: string, sku: string | null | undefined): Tally => {
    const known = tallies.get(product);
    if (known) return known;
    const made: Tally = {
      sku: sku ?? null,
      ordered: 0,
      waiting: 0,
      picked: new Map(),
      gone: new Map(),
      back: new Map(),
    };
    tallies.set(product, made);
    return made;
  };
  const add = async (lines: Placed[] | null | undefined, which: 'picked' | 'gone' | 'back') => {
    for (const { ProductID, SKU, LocationID, Location, Quantity: told } of lines ?? []) {
      if (!ProductID) continue;
      const at = await place({ id: LocationID ?? null, name: Location ?? null });
      const map = of(ProductID, SKU)[which];
      map.set(at, quantity((map.get(at) ?? 0) + readQuantity(told)));
    }
  };
  const sold = isSold(sale);
  for (const { ProductID, SKU, Quantity: told, BackorderQuantity, DropShip } of sale.Order?.Lines ?? []) {
    if (!ProductID || DropShip) continue;
    const one = of(ProductID, SKU);
    if (!sold) continue;
    const units = readQuantity(told);
    one.ordered = quantity(one.ordered + units);
    one.waiting = quantity(one.waiting + Math.min(units, Math.max(0, readQuantity(BackorderQuantity ?? 0))));
  }
  for (const { FulFilmentStatus, Pick, Ship } of sold ? (sale.Fulfilments ?? []) : []) {
    if (!isDone(Pick?.Status)) continue;
    const shipped = isDone(Ship?.Status) || FulFilmentStatus === 'FULFILLED';
    await add(Pick?.Lines, shipped || config.goneWhen === 'picked' ? 'gone' : 'picked');
  }
  // Lines of a credit note are money; only what stands under Restock is on a shelf again. A credit note may come without
  // an order, and its restock may be authorised later than the credit.
  for (const { Status, RestockStatus, Restock } of sale.CreditNotes ?? [])
    if (isDone(Status) && isDone(RestockStatus ?? Status)) await add(Restock, 'back');
  return tallies;
}

/** Units that are neither picked nor gone are promised at the sale's own location; what is back is where it was put. */
function partsOf({ ordered, waiting, picked, gone, back }: Tally, home: string | null): Part[] {
  const parts = new Map<string | null, Part>();
  const at = (location: string | null): Part => {
    const part = parts.get(location) ?? { ...emptyPart, location };
    parts.set(location, part);
    return part;
  };
  const change = (location: string | null, name: 'committed' | 'out' | 'taken', units: Quantity) => {
    const part = at(location);
    part[name] = quantity(part[name] + units);
  };
  let open = ordered;
  for (const [location, units] of gone) {
    change(location, 'out', units);
    change(location, 'taken', units);
    open = quantity(open - units);
  }
  for (const [location, units] of picked) {
    change(location, 'committed', units);
    change(location, 'taken', units);
    open = quantity(open - units);
  }
  if (open > 0) {
    change(home, 'committed', open);
    change(home, 'taken', Math.max(0, quantity(open - waiting)));
  }
  for (const [location, units] of back) {
    change(location, 'out', quantity(-units));
    change(location, 'taken', quantity(-units));
  }
  if (parts.size === 0) at(home);
  return [...parts.values()];
}
