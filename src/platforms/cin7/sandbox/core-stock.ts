import { quantity } from '../../../domain/quantity.ts';
import { type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import { availableOf, type StockLevel } from '../../../platform/sandbox-kit/index.ts';
import { record } from '../api.ts';
import { type Account, guidOf, productNotes } from './account.ts';
import { refusal } from './refusal.ts';

/** One row per product × location × bin × batch; what has no stock has no row. */
export function availabilityRows(levels: StockLevel[], account: Account): Record<string, unknown>[] {
  return levels.flatMap((level) => {
    const { item, location, onHand, committed } = level;
    const binned = productNotes(item).binned?.get(location) ?? 0;
    const loose = quantity(onHand - binned);
    const row = (Bin: string | null, units: number, allocated: number) => ({
      ID: item.id,
      SKU: item.sku,
      Name: item.title,
      Barcode: null,
      Location: account.nameOf(location),
      Bin,
      Batch: null,
      ExpiryDate: null,
      OnHand: units,
      Allocated: allocated,
      Available: quantity(units - allocated),
      OnOrder: 0,
      StockOnHand: 10 * Math.max(0, units),
      InTransit: 0,
    });
    return [
      ...(loose !== 0 || committed !== 0 ? [row(null, loose, committed)] : []),
      ...(binned !== 0 ? [row('A-1', binned, 0)] : []),
    ];
  });
}

interface GoodLine {
  level: StockLevel;
  onHand: number;
  cost: number;
}

/** `POST /stockadjustment`: new quantities, whole or not at all. */
export function adjust(body: Record<string, unknown>, account: Account, seq: number): HttpResponse {
  const { EffectiveDate, Status, Reference, UpdateOnHand, Lines } = body;
  if (typeof EffectiveDate !== 'string' || Number.isNaN(Date.parse(EffectiveDate)))
    return refusal(400, 'EffectiveDate is required.');
  if (Status !== 'DRAFT' && Status !== 'COMPLETED') return refusal(400, 'Status must be DRAFT or COMPLETED.');
  if (!Array.isArray(Lines) || Lines.length === 0) return refusal(400, 'Lines are required.');
  const good: GoodLine[] = [];
  for (const line of Lines) {
    const read = readLine(record(line) ?? {}, account, UpdateOnHand === true);
    if ('status' in read) return read;
    good.push(read);
  }
  const existing: unknown[] = [];
  const fresh: unknown[] = [];
  for (const { level, onHand, cost } of good) {
    const loose = quantity(level.onHand - (productNotes(level.item).binned?.get(level.location) ?? 0));
    const place = {
      Location: account.nameOf(level.location),
      LocationID: level.location,
      BatchSN: null,
      ExpiryDate: null,
    };
    const product = { ProductID: level.item.id, SKU: level.item.sku, ProductName: level.item.title };
    if (level.onHand !== 0 || level.committed !== 0)
      existing.push({ ...product, ...place, QuantityOnHand: loose, Available: availableOf(level), Adjustment: onHand });
    else fresh.push({ ...product, ...place, Quantity: onHand, UnitCost: cost });
    if (Status === 'COMPLETED') account.book.write(level, { onHand: quantity(level.onHand - loose + onHand) });
  }
  return jsonResponse(200, {
    TaskID: guidOf('5a5a', seq),
    StocktakeNumber: `ST-${String(seq).padStart(5, '0')}`,
    Status,
    EffectiveDate,
    Reference: Reference ?? '',
    Account: '403',
    ExistingStockLines: existing,
    NewStockLines: fresh,
    Transactions: [],
  });
}

function readLine(line: Record<string, unknown>, account: Account, isOnHand: boolean): GoodLine | HttpResponse {
  const { ProductID, SKU, Quantity, UnitCost, Location, LocationID } = line;
  const { shelves } = account.book;
  const item = ProductID !== undefined ? shelves.itemById(String(ProductID)) : shelves.item(String(SKU));
  if (!item) return refusal(400, `Product '${String(SKU ?? ProductID)}' was not found.`);
  if (!item.tracked || productNotes(item).made) return refusal(400, `Product '${item.sku}' cannot be adjusted.`);
  const place = account.places.find(({ id, name }) =>
    LocationID === undefined ? name === Location : id === LocationID,
  );
  if (!place || place.closed) return refusal(400, `'${String(Location)}' was not found in Locations reference book`);
  if (typeof Quantity !== 'number' || !Number.isFinite(Quantity) || Quantity < 0)
    return refusal(400, 'Quantity must not be negative.');
  if (typeof UnitCost !== 'number') return refusal(400, 'UnitCost is required.');
  const level = shelves.level(item, place.id)!;
  return { level, onHand: isOnHand ? Quantity : quantity(Quantity + level.committed), cost: UnitCost };
}
