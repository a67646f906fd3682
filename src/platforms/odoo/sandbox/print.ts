import { type HttpResponse, jsonResponse } from '../../../platform/http.ts';

/** Python prints these with a point, whatever they hold. */
const FLOATS =
  /^(quantity|reserved_quantity|available_quantity|inventory_.*quantity.*|qty_\w+|\w+_qty|free_qty|virtual_available|value|qty|list_price)$/;

const isFloat = (name: string): boolean => FLOATS.test(name) && name !== 'inventory_quantity_set';

/** As Python's json.dumps prints it: spaces after commas and colons, 25.0 for a float. */
export function pythonJson(value: unknown, name = '', sorted = false): string {
  if (typeof value === 'number') return isFloat(name) && Number.isInteger(value) ? `${value}.0` : String(value);
  if (Array.isArray(value)) return `[${value.map((one) => pythonJson(one, '', sorted)).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  if (sorted) members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}: ${pythonJson(member, key, sorted)}`).join(', ')}}`;
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** @throws TypeError for nothing at all: Odoo's marshaller has no word for it. */
export function pythonXml(value: unknown, name = ''): string {
  if (value === null || value === undefined) throw new TypeError('cannot marshal None unless allow_none is enabled');
  const typed = (type: string, text: string) => `<value><${type}>${text}</${type}></value>`;
  if (typeof value === 'boolean') return typed('boolean', value ? '1' : '0');
  if (typeof value === 'string') return typed('string', escaped(value));
  if (typeof value === 'number') {
    if (!isFloat(name) && Number.isInteger(value)) return typed('int', String(value));
    return typed('double', Number.isInteger(value) ? `${value}.0` : String(value));
  }
  if (Array.isArray(value)) return typed('array', `<data>\n${value.map((one) => pythonXml(one)).join('\n')}\n</data>`);
  const members = Object.entries(value).map(
    ([key, member]) => `<member>\n<name>${escaped(key)}</name>\n${pythonXml(member, key)}\n</member>`,
  );
  return `<value><struct>\n${members.join('\n')}\n</struct></value>`;
}

export const xmlResponse = (inner: string, date: string): HttpResponse => ({
  status: 200,
  headers: { 'content-type': 'text/xml; charset=utf-8', date },
  body: Buffer.from(`<?xml version="1.0"?>\n<methodResponse>\n${inner}\n</methodResponse>\n`),
});

export const jsonAnswer = (status: number, value: unknown, date: string): HttpResponse =>
  jsonResponse(status, pythonJson(value), { date });

/** As PostgreSQL keeps it: UTC with microseconds, so that two changes of one second still have an order. */
export const moment = (ms: number): string => {
  const whole = Math.floor(ms);
  const micros = String(Math.floor((ms - whole) * 1_000)).padStart(3, '0');
  return `${new Date(whole).toISOString().slice(0, 23).replace('T', ' ')}${micros}`;
};

/** As answers show it: whole seconds. */
export const shown = (stamp: string): string => stamp.slice(0, 19);
