import { bodyText, type HttpRequest, type HttpResponse } from '../../../platform/http.ts';
import { HEAD, listJson, listXml, oneXml, page, Refusal, send } from './answers.ts';
import { listed, readFilters } from './query.ts';
import { RESOURCES } from './resources.ts';
import type { State } from './state.ts';
import { putStock } from './write.ts';

/** One call of the webservice. */
export function answer(state: State, request: HttpRequest): HttpResponse {
  const url = new URL(request.url);
  const path = /\/api(?:\/([a-z_]+)(?:\/([^/]+))?)?\/?$/.exec(url.pathname);
  if (!path) return page(404, 'Page not found');
  try {
    const [, name, id] = path;
    const method = state.redirects ? 'GET' : request.method;
    admit(state, request, url, name, method);
    if (name === undefined) return send(state, 200, `${HEAD}<api>\n</api>\n</prestashop>\n`);
    if (method === 'PUT') return send(state, 200, putStock(state, id, bodyText(request)));
    return get(state, name, id, url.searchParams);
  } catch (error) {
    if (error instanceof Refusal) return send(state, error.status, error.body());
    throw error;
  }
}

/** @throws Refusal as the webservice words it */
function admit(state: State, request: HttpRequest, url: URL, name: string | undefined, method: string): void {
  if (!state.serviceOn)
    throw new Refusal(503, [
      22,
      'The PrestaShop webservice is disabled. Please activate it in the PrestaShop Back Office',
    ]);
  const basic = /^Basic (.+)$/i.exec(request.headers['authorization'] ?? '')?.[1];
  const key =
    url.searchParams.get('ws_key') ??
    Buffer.from(basic ?? '', 'base64')
      .toString('utf8')
      .split(':')[0];
  if (!key) throw new Refusal(401, [17, 'Authentication key is empty']);
  if (key.length !== 32) throw new Refusal(401, [18, 'Invalid authentication key format']);
  if (state.revoked || key !== state.key) throw new Refusal(401, [21, 'Authentication key does not exist']);
  if (name === undefined) return;
  if (!RESOURCES[name] || state.denied.has(name))
    throw new Refusal(401, [26, `Resource of type "${name}" is not allowed with this authentication key`]);
  const writes = name === 'stock_availables' && method === 'PUT';
  if ((method !== 'GET' && !writes) || state.denied.has(`${name} ${method}`))
    throw new Refusal(405, [
      25,
      `Method ${method} is not allowed for the resource ${name} with this authentication key`,
    ]);
}

function get(state: State, name: string, id: string | undefined, query: URLSearchParams): HttpResponse {
  const { list, one, rows } = RESOURCES[name]!;
  if (query.get('schema') === 'synopsis' && name === 'stock_availables') return send(state, 200, SYNOPSIS);
  const filters = readFilters(query);
  if (id !== undefined) filters.set('id', { kind: 'among', values: [id] });
  const found = rows(state, filters).filter((row) => isOfShop(state, row, name, query.get('id_shop')));
  if (id !== undefined) {
    const row = found.find((candidate) => candidate['id'] === id);
    // No body at all.
    return row ? send(state, 200, oneXml(one, row)) : send(state, 404, '', null);
  }
  const shown = listed(found, filters, query);
  return query.get('output_format') === 'JSON'
    ? send(state, 200, listJson(list, shown), 'application/json')
    : send(state, 200, listXml(list, one, shown));
}

/** Without a shop named, the default one's. */
function isOfShop(state: State, row: Record<string, string>, name: string, shop: string | null): boolean {
  const { locations } = state.options;
  if (shop !== null && shop !== 'all' && !locations.some(({ id }) => id === shop))
    throw new Refusal(404, [999, 'This shop id does not exist']);
  if (shop === 'all' || !('id_shop' in row) || name === 'shops') return true;
  return row['id_shop'] === (shop ?? locations[0]!.id);
}

const SYNOPSIS = `${HEAD}<stock_available>
\t<id_product required="true" format="isUnsignedId"></id_product>
\t<id_product_attribute required="true" format="isUnsignedId"></id_product_attribute>
\t<id_shop format="isUnsignedId"></id_shop>
\t<id_shop_group format="isUnsignedId"></id_shop_group>
\t<quantity required="true" format="isInt"></quantity>
\t<depends_on_stock required="true" format="isBool"></depends_on_stock>
\t<out_of_stock required="true" format="isInt"></out_of_stock>
\t<location maxSize="255" format="isString"></location>
</stock_available>
</prestashop>
`;
