import { type Quantity, quantity } from '../../../domain/quantity.ts';
import { type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import type { Routed } from '../../../platform/sandbox-kit/index.ts';
import type { Clock } from '../../../runtime/clock.ts';
import { record } from '../api.ts';
import { odataError } from './tenant.ts';

interface Cell {
  product: string;
  site: string;
  location: string;
  /** As accepted, and as queries show it some seconds later. */
  set: Quantity;
  shown: Quantity;
  reserved: Quantity;
  modifiedMs: number;
}

const BULK_MAX = 512;
const PRODUCTS_MAX = 5_000;
const PAIRS_MAX = 100;
const SHOWN_AFTER_MS = 2_000;

/**
 * Inventory Visibility: one measure of one data source, by product, site and location. It takes any product; changes are
 * accepted at once and shown later; of two settings the newer by its own time wins; an event's id counts once.
 */
export class Visibility {
  private readonly cells = new Map<string, Cell>();
  private readonly seen = new Set<string>();
  private readonly timers = new Set<() => void>();

  constructor(
    private readonly clock: Clock,
    private readonly factor: number,
    private readonly names: { organization: string; source: string; measure: string },
  ) {}

  cell(product: string, site: string, location: string): Cell {
    const key = `${product}\n${site}\n${location}`;
    const known = this.cells.get(key);
    if (known) return known;
    const made: Cell = { product, site, location, set: 0, shown: 0, reserved: 0, modifiedMs: 0 };
    this.cells.set(key, made);
    return made;
  }

  /** At once, as somebody else's system that has done it some time ago. */
  put(product: string, site: string, location: string, units: Quantity): void {
    const cell = this.cell(product, site, location);
    cell.set = units;
    cell.shown = units;
    cell.modifiedMs = this.clock.now();
  }

  quiet(): boolean {
    return this.timers.size === 0;
  }

  close(): void {
    for (const cancel of this.timers) cancel();
    this.timers.clear();
  }

  private later(cell: Cell): void {
    const cancel = this.clock.after(SHOWN_AFTER_MS / this.factor, () => {
      this.timers.delete(cancel);
      cell.shown = cell.set;
    });
    this.timers.add(cancel);
  }

  /** `POST setonhand/{inventorySystem}/bulk` */
  setAll(routed: Routed): HttpResponse {
    const rows = routed.json();
    if (routed.params['source'] !== this.names.source)
      return odataError(400, 'BadRequest', `The data source ${routed.params['source']} is not configured.`);
    if (!Array.isArray(rows) || rows.length > BULK_MAX)
      return odataError(400, 'BadRequest', `At most ${BULK_MAX} rows.`);
    return jsonResponse(
      200,
      rows.map((row) =>
        this.row(row, (cell, units, told) => {
          const atMs = Date.parse(String(told['modifiedDateTimeUTC'] ?? ''));
          if (Number.isNaN(atMs)) return 'modifiedDateTimeUTC is required.';
          if (atMs < cell.modifiedMs) return undefined;
          cell.set = units;
          cell.modifiedMs = atMs;
          this.later(cell);
          return undefined;
        }),
      ),
    );
  }

  /** `POST onhand` and `onhand/bulk`: changes, each id once. */
  change(rows: unknown[]): HttpResponse {
    if (rows.length > BULK_MAX) return odataError(400, 'BadRequest', `At most ${BULK_MAX} rows.`);
    return jsonResponse(
      200,
      rows.map((row) =>
        this.row(row, (cell, units, told) => {
          if (this.seen.has(String(told['id']))) return undefined;
          this.seen.add(String(told['id']));
          cell.set = quantity(cell.set + units);
          this.later(cell);
          return undefined;
        }),
      ),
    );
  }

  private row(raw: unknown, apply: (cell: Cell, units: Quantity, told: Record<string, unknown>) => string | undefined) {
    const told = record(raw) ?? {};
    const dimensions = record(told['dimensions']) ?? {};
    const { siteId, locationId } = dimensions as Record<string, unknown>;
    const units = record(record(told['quantities'])?.[this.names.source])?.[this.names.measure];
    const wrong =
      typeof told['id'] !== 'string' || typeof told['productId'] !== 'string'
        ? 'id and productId are required.'
        : told['organizationId'] !== this.names.organization
          ? 'The organization is not in this environment.'
          : typeof siteId !== 'string' || typeof locationId !== 'string'
            ? 'siteId and locationId are the partition.'
            : typeof units !== 'number'
              ? `The measure ${this.names.measure} is missing.`
              : apply(this.cell(told['productId'], siteId, locationId), units, told);
    return wrong === undefined
      ? { id: told['id'], processingStatus: 'success', message: '', statusCode: 200 }
      : { id: told['id'], processingStatus: 'failed', message: wrong, statusCode: 400 };
  }

  /** `POST onhand/reserve`: refused when it is checked and not enough is there. */
  reserve(routed: Routed): HttpResponse {
    const told = record(routed.json()) ?? {};
    const dimensions = (record(told['dimensions']) ?? {}) as Record<string, string>;
    const units = told['quantity'];
    if (typeof units !== 'number' || !(units > 0) || told['modifier'] !== 'softReservOrdered')
      return odataError(400, 'BadRequest', 'A reservation needs a quantity and the modifier softReservOrdered.');
    const cell = this.cell(String(told['productId']), dimensions['siteId'] ?? '', dimensions['locationId'] ?? '');
    if (told['ifCheckAvailForReserv'] === true && cell.set - cell.reserved < units)
      return jsonResponse(200, {
        id: told['id'],
        processingStatus: 'failed',
        message: 'Not enough is available.',
        statusCode: 400,
      });
    cell.reserved = quantity(cell.reserved + units);
    return jsonResponse(200, {
      reservationId: `r-${told['id']}`,
      id: told['id'],
      processingStatus: 'success',
      message: '',
      statusCode: 200,
    });
  }

  /** `POST onhand/indexquery` */
  query(routed: Routed): HttpResponse {
    const filters = record(record(routed.json())?.['filters']);
    const list = (name: string): string[] => (Array.isArray(filters?.[name]) ? (filters[name] as string[]) : []);
    const [organizations, products, sites, locations] = [
      list('organizationId'),
      list('productId'),
      list('siteId'),
      list('locationId'),
    ];
    if (organizations.length !== 1) return odataError(400, 'BadRequest', 'Exactly one organizationId is needed.');
    if (products.length > PRODUCTS_MAX || sites.length * locations.length > PAIRS_MAX)
      return odataError(400, 'BadRequest', 'The query asks for too much.');
    const wanted = { products: new Set(products), sites: new Set(sites), locations: new Set(locations) };
    const rows = [...this.cells.values()].filter(
      ({ product, site, location }) =>
        organizations[0] === this.names.organization &&
        wanted.products.has(product) &&
        (sites.length === 0 || wanted.sites.has(site)) &&
        (locations.length === 0 || wanted.locations.has(location)),
    );
    return jsonResponse(
      200,
      rows.map(({ product, site, location, shown, reserved }) => ({
        productId: product,
        dimensions: { siteId: site, locationId: location },
        quantities: {
          [this.names.source]: { [this.names.measure.toLowerCase()]: shown },
          ...(reserved !== 0 && { iv: { softreservordered: reserved } }),
        },
      })),
    );
  }
}
