import { z } from 'zod';
import { readQuantity } from '../../domain/quantity.ts';
import type { CellKey, Page, RemoteLevel } from '../../platform/contract.ts';
import { jsonRequest } from '../../platform/http.ts';
import { readAnswer } from './answer.ts';
import { type NetsuiteConfig, restletBase } from './config.ts';
import type { NetsuiteOp } from './facts.ts';
import { isId, type NetsuiteClient, PAGE_MAX, type Row, suiteql, unreadable, withNonce } from './suiteql.ts';

/** The last item and location told. */
const cursorShape = z.object({ item: z.string().regex(/^\d+$/), location: z.string().regex(/^\d+$/) });
type Place = z.infer<typeof cursorShape>;

const COLUMNS = 'ail.item, ail.location, ail.quantityonhand, ail.quantityavailable';
const FROM = `SELECT ${COLUMNS} FROM aggregateItemLocation ail JOIN item i ON i.id = ail.item`;
/** Kits have rows of their own there, with the number that their members make up. */
const COUNTED = "i.itemtype IN ('InvtPart', 'Assembly')";

export async function listLevels(
  client: NetsuiteClient,
  config: NetsuiteConfig,
  cursor: string | null,
): Promise<Page<RemoteLevel>> {
  const readAt = new Date(client.now()).toISOString();
  const after: Place = cursor === null ? { item: '0', location: '0' } : cursorShape.parse(JSON.parse(cursor));
  const { rows, more } =
    config.levelsBy === 'restlet'
      ? await askRestlet(client, config, { ask: 'page', after, limit: PAGE_MAX })
      : await suiteql(
          client,
          config,
          'levels',
          `${FROM} WHERE ${COUNTED} AND i.isinactive = 'F' AND (ail.item > ${after.item} OR (ail.item = ${after.item} AND ail.location > ${after.location})) ORDER BY ail.item, ail.location`,
        );
  const { item, location } = rows.at(-1) ?? {};
  const goesOn = more && isId(item) && isId(location) && (item !== after.item || location !== after.location);
  return {
    items: rows.flatMap((row) => levelOf(row, readAt) ?? []),
    next: goesOn ? JSON.stringify({ item, location }) : null,
  };
}

/** Items and places are asked for crosswise; what nobody asked for is left out again. */
export async function readLevels(
  client: NetsuiteClient,
  config: NetsuiteConfig,
  cells: readonly CellKey[],
): Promise<RemoteLevel[]> {
  const readAt = new Date(client.now()).toISOString();
  const asked = cells.filter(({ stockKey, location }) => isId(stockKey) && isId(location));
  const items = [...new Set(asked.map(({ stockKey }) => stockKey))];
  const locations = [...new Set(asked.map(({ location }) => location))];
  const wanted = new Set(asked.map(({ stockKey, location }) => `${stockKey}@${location}`));
  const levels: RemoteLevel[] = [];
  // A hundred items at more than ten places are more rows than a call gives.
  const perCall = Math.max(1, Math.floor(PAGE_MAX / Math.max(1, locations.length)));
  for (let start = 0; start < items.length; start += perCall) {
    const some = items.slice(start, start + perCall);
    const { rows } =
      config.levelsBy === 'restlet'
        ? await askRestlet(client, config, { ask: 'cells', items: some, locations })
        : await suiteql(
            client,
            config,
            'readLevels',
            `${FROM} WHERE ${COUNTED} AND ail.item IN (${some.join(', ')}) AND ail.location IN (${locations.join(', ')}) ORDER BY ail.item, ail.location`,
          );
    levels.push(...rows.flatMap((row) => levelOf(row, readAt) ?? []));
  }
  return levels.filter(({ stockKey, location }) => wanted.has(`${stockKey}@${location}`));
}

/** Null columns are absent: an item that never moved there has nothing there. */
function levelOf(row: Row, readAt: string): RemoteLevel | undefined {
  const { item, location, quantityavailable = '0', quantityonhand = '0' } = row;
  if (!isId(item) || !isId(location)) return undefined;
  return {
    stockKey: item,
    location,
    available: readQuantity(quantityavailable),
    written: readQuantity(quantityonhand),
    tracked: true,
    readAt,
  };
}

const restletAnswer = z.object({
  rows: z.array(z.record(z.string(), z.union([z.string(), z.number().transform(String)]))),
  more: z.boolean(),
});

/** `extension/onhand-levels.js`, for roles that may not see the table. */
async function askRestlet(
  client: NetsuiteClient,
  config: NetsuiteConfig,
  body: Record<string, unknown>,
): Promise<z.infer<typeof restletAnswer>> {
  const query = new URLSearchParams({ script: config.restletScript ?? '', deploy: config.restletDeployment });
  const url = `${restletBase(config)}/app/site/hosting/restlet.nl?${query}`;
  const op: NetsuiteOp = 'restletLevels';
  const response = await client.call(op, withNonce(client, jsonRequest('POST', url, body)));
  const parsed = restletAnswer.safeParse(readAnswer(response));
  if (!parsed.success) throw unreadable(response.status, 'the RESTlet', parsed.error);
  return parsed.data;
}
