import { XMLParser } from 'fast-xml-parser';

/** A Python exception as XML-RPC carries it. */
export interface Fault {
  code: number;
  text: string;
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** @throws TypeError for undefined and null: XML-RPC as Python speaks it has no such thing. */
export function xmlValue(value: unknown): string {
  if (typeof value === 'string') return `<value><string>${escaped(value)}</string></value>`;
  if (typeof value === 'boolean') return `<value><boolean>${value ? 1 : 0}</boolean></value>`;
  if (typeof value === 'number')
    return Number.isInteger(value) ? `<value><int>${value}</int></value>` : `<value><double>${value}</double></value>`;
  if (Array.isArray(value)) return `<value><array><data>${value.map(xmlValue).join('')}</data></array></value>`;
  if (typeof value !== 'object' || value === null) throw new TypeError(`cannot marshal ${String(value)}`);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  const written = members.map(([name, member]) => `<member><name>${escaped(name)}</name>${xmlValue(member)}</member>`);
  return `<value><struct>${written.join('')}</struct></value>`;
}

export const methodCall = (method: string, params: unknown[]): string =>
  `<?xml version="1.0"?><methodCall><methodName>${escaped(method)}</methodName><params>${params
    .map((param) => `<param>${xmlValue(param)}</param>`)
    .join('')}</params></methodCall>`;

const LISTS = new Set(['value', 'member', 'param']);

const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  trimValues: false,
  isArray: (name) => LISTS.has(String(name)),
});

type Node = Record<string, unknown>;

const node = (value: unknown): Node => (typeof value === 'object' && value !== null ? (value as Node) : {});
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** @returns the one answer, or the fault. @throws Error for what is no answer of XML-RPC. */
export function readResponse(text: string): { value: unknown } | { fault: Fault } {
  const response = node(node(parser.parse(text))['methodResponse']);
  if (response['fault'] !== undefined) {
    const fault = node(unwrapped(list(node(response['fault'])['value'])[0]));
    return { fault: { code: Number(fault['faultCode']), text: String(fault['faultString'] ?? '') } };
  }
  const [param] = list(node(response['params'])['param']);
  const [value] = list(node(param)['value']);
  if (value === undefined) throw new Error('neither a value nor a fault');
  return { value: unwrapped(value) };
}

/** @returns the name of the method and what it is called with. @throws Error for what is no call. */
export function readCall(text: string): { method: string; params: unknown[] } {
  const call = node(node(parser.parse(text))['methodCall']);
  if (typeof call['methodName'] !== 'string') throw new Error('no method is named');
  const params = list(node(call['params'])['param']);
  return { method: call['methodName'].trim(), params: params.map((one) => unwrapped(list(node(one)['value'])[0])) };
}

function unwrapped(value: unknown): unknown {
  // A value without a type is text.
  if (typeof value === 'string' || value === undefined) return value ?? '';
  const typed = node(value);
  for (const type of ['int', 'i4', 'i8', 'double']) if (type in typed) return numberOf(typed[type]);
  if ('boolean' in typed) return String(typed['boolean']).trim() === '1';
  if ('nil' in typed) return null;
  if ('array' in typed) return list(node(node(typed['array'])['data'])['value']).map(unwrapped);
  if ('struct' in typed)
    return Object.fromEntries(
      list(node(typed['struct'])['member']).map((member) => [
        String(node(member)['name']),
        unwrapped(list(node(member)['value'])[0]),
      ]),
    );
  return String(typed['string'] ?? typed['dateTime.iso8601'] ?? typed['base64'] ?? typed['#text'] ?? '');
}

/** Beyond 2^53 the digits stay, as text: such a number can only be an id. */
function numberOf(text: unknown): number | string {
  const digits = String(text).trim();
  const value = Number(digits);
  if (digits === '' || Number.isNaN(value)) throw new Error(`"${digits}" is no number`);
  return Number.isInteger(value) && !Number.isSafeInteger(value) && /^-?\d+$/.test(digits) ? digits : value;
}
