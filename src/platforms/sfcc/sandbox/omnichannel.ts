import { jsonResponse } from '../../../platform/http.ts';
import { availableOf, type StockLevel } from '../../../platform/sandbox-kit/index.ts';
import { record } from '../api.ts';
import { iso, problem, type Realm } from './realm.ts';

const RECORDS_MAX = 100;

/** Omnichannel Inventory of the tenant group: on hand, what orders have reserved of it, and each id once. */
export function addOmnichannel(realm: Realm): void {
  const { router, book, tenantGroup, options } = realm;
  const base = `/inventory/availability/v1/organizations/${tenantGroup}/availability-records/actions`;
  const seen = new Set<string>();
  /** What is not counted has no record. */
  const levelOf = (sku: string, location: string): StockLevel | undefined => {
    const item = book.shelves.item(sku);
    return item?.tracked ? book.shelves.level(item, location) : undefined;
  };

  router.on('POST', `${base}/get-availability`, (routed) => {
    const { skus = [], locations = [] } = (record(routed.json()) ?? {}) as { skus?: string[]; locations?: string[] };
    if (skus.length * locations.length > RECORDS_MAX || skus.length === 0 || locations.length === 0)
      return problem(400, 'InvalidRequestParameter', `SKUs times locations must be 1 to ${RECORDS_MAX}.`);
    if (locations.some((id) => !options.locations.some((place) => place.id === id)))
      return problem(400, 'LocationDoesNotExist', 'One of the locations does not exist.');
    return jsonResponse(200, {
      locations: locations.map((id) => ({
        id,
        records: skus.flatMap((sku) => {
          const level = levelOf(sku, id);
          if (!level) return [];
          const atf = availableOf(level);
          return [
            {
              sku,
              atf,
              ato: atf,
              onHand: level.onHand,
              reserved: level.committed,
              safetyStockCount: level.safety,
              effectiveDate: iso(level.changedAtMs),
              futures: [],
            },
          ];
        }),
      })),
    });
  });

  router.on('POST', `${base}/batch-update`, (routed) => {
    const rows = record(routed.json())?.['records'];
    if (!routed.headers['correlation-id'] || !Array.isArray(rows) || rows.length === 0 || rows.length > RECORDS_MAX)
      return problem(400, 'InvalidRequestParameter', `A batch holds 1 to ${RECORDS_MAX} records and a Correlation-ID.`);
    const errors = rows.flatMap((raw) => {
      const { id, sku, location, onHand, effectiveDate } = (record(raw) ?? {}) as Record<string, unknown>;
      const refused = (errorCode: string, message: string) => [
        { errorCode, message, details: { id, sku, locationId: location } },
      ];
      if (!options.locations.some((place) => place.id === location))
        return refused('LocationDoesNotExist', 'The location does not exist.');
      const units = Number(onHand);
      const isOdd = Math.abs(units * 1000 - Math.round(units * 1000)) > 1e-6;
      if (typeof onHand !== 'number' || units < 0 || isOdd || Number.isNaN(Date.parse(String(effectiveDate))))
        return refused('InvalidRequestParameter', 'onHand must be a multiple of 0.001, not below zero.');
      const key = `${id} ${sku}`;
      const level = levelOf(String(sku), String(location));
      if (!seen.has(key) && level) book.write(level, { onHand: units });
      seen.add(key);
      return [];
    });
    return errors.length > 0 ? jsonResponse(200, { errors }) : { status: 204, headers: {}, body: new Uint8Array() };
  });
}
