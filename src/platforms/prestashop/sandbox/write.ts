import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { oneXml, Refusal, type Row } from './answers.ts';
import type { State } from './state.ts';
import { stockRows } from './stock-rows.ts';

const parser = new XMLParser({ ignoreAttributes: true, parseTagValue: false });
const REQUIRED = ['id_product', 'id_product_attribute', 'quantity', 'depends_on_stock', 'out_of_stock'];

/** `PUT /api/stock_availables/{id}`: the element replaces the record; what is left out is set to nothing. */
export function putStock(state: State, id: string | undefined, text: string): string {
  const given = elementIn(text);
  const named = given['id'] || id;
  if (!named) throw new Refusal(400, [89, 'id is required when modifying a resource']);
  if (id !== undefined && given['id'] && given['id'] !== id) throw new Refusal(400, [90, `id is duplicate in request`]);
  const found = stockRows(state, state.products).find(({ row }) => row['id'] === named);
  if (!found) throw new Refusal(404, [92, `Invalid ID`]);
  for (const name of REQUIRED) if (!given[name]) throw new Refusal(400, [41, `parameter "${name}" required`]);
  if (!/^-?\d+$/.test(given['quantity']!) || Math.abs(Number(given['quantity'])) > 2_147_483_647)
    throw new Refusal(400, [85, 'Validation error: "Property StockAvailable->quantity is not valid"']);
  if (found.row['depends_on_stock'] === '1')
    throw new Refusal(500, [133, 'You cannot update the available stock when it depends on stock.']);
  if (!given['id_shop']) state.torn.add(named);
  const quantity = Number(given['quantity']);
  // The sum of combinations is kept only until the next of them is written.
  if (found.item?.tracked)
    state.book.write(state.book.shelves.level(found.item, found.place)!, { available: quantity });
  return oneXml('stock_available', { ...found.row, quantity: String(quantity) });
}

function elementIn(text: string): Row {
  const fault = (): Refusal => {
    const where = '(/www/classes/webservice/WebserviceRequest.php, line 1497)';
    const warn = (what: string): [number, string] => [
      3,
      `[PHP Warning #2] SimpleXMLElement::__construct(): ${what} ${where}`,
    ];
    return new Refusal(
      500,
      warn("Entity: line 1: parser error : Couldn't find end of Start Tag x line 1"),
      warn(text),
      warn('  ^'),
      [127, `XML error : String could not be parsed as XML\nXML length : ${text.length}\nOriginal XML : ${text}`],
    );
  };
  if (text.trim() === '' || XMLValidator.validate(text) !== true) throw fault();
  const document = parser.parse(text) as { prestashop?: { stock_available?: Row | string } };
  const element = document.prestashop?.stock_available;
  return typeof element === 'object' ? element : {};
}
