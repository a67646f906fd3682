import { bodyText, type HttpRequest, type HttpResponse, jsonRequest } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';
import type { OdooConfig } from './config.ts';
import { type Fault, methodCall, readResponse } from './xmlrpc.ts';

/** One call of a method of a model, in no protocol's words. */
export interface OdooCall {
  model: string;
  method: string;
  /** Of the records it is called on; absent for methods of the model itself. */
  ids?: number[];
  /** Arguments by name. */
  args?: Record<string, unknown>;
  context?: Record<string, unknown>;
}

/** Arguments that the two RPCs want by place: `create` looks at the first one's type before Python sees names. */
const BY_PLACE: Record<string, string[]> = {
  search_read: ['domain'],
  search: ['domain'],
  create: ['vals_list'],
  write: ['vals'],
};

const CLIENT = 'onhand';

/** @param uid who asks; JSON-2 knows by the key. */
export function encode(config: OdooConfig, call: OdooCall, uid: number | undefined): HttpRequest {
  const context = contextOf(config, call);
  if (config.protocol === 'json2') {
    const body = { ...(call.ids && { ids: call.ids }), ...(context && { context }), ...call.args };
    const request = jsonRequest('POST', `${config.url}/json/2/${call.model}/${call.method}`, body);
    return { ...request, headers: { ...request.headers, 'x-odoo-database': config.database, 'user-agent': CLIENT } };
  }
  const named = { ...call.args };
  const placed = (BY_PLACE[call.method] ?? []).flatMap((name) => {
    const value = named[name];
    delete named[name];
    return value === undefined ? [] : [value];
  });
  const args = [...(call.ids ? [call.ids] : []), ...placed];
  const kwargs = { ...named, ...(context && { context }) };
  const params = [config.database, uid ?? 0, config.apiKey, call.model, call.method, args, kwargs];
  return rpc(config, 'object', 'execute_kw', params);
}

/** A call of one of the RPC services; `common` answers before anybody has logged in. */
export function rpc(config: OdooConfig, service: 'common' | 'object', method: string, args: unknown[]): HttpRequest {
  if (config.protocol === 'xmlrpc')
    return {
      method: 'POST',
      url: `${config.url}/xmlrpc/2/${service}`,
      headers: { 'content-type': 'text/xml', accept: 'text/xml', 'user-agent': CLIENT },
      body: methodCall(method, args),
    };
  const body = { jsonrpc: '2.0', method: 'call', id: 1, params: { service, method, args } };
  return jsonRequest('POST', `${config.url}/jsonrpc`, body);
}

function contextOf(config: OdooConfig, call: OdooCall): Record<string, unknown> | undefined {
  const company = config.companyId && { allowed_company_ids: [Number(config.companyId)] };
  return call.context || company ? { ...company, ...call.context } : undefined;
}

/** What an answer holds, whichever protocol it speaks; `unreadable` where it is none of the three. */
export type Answer =
  | { kind: 'value'; value: unknown }
  | { kind: 'error'; name: string; message: string }
  | { kind: 'fault'; fault: Fault }
  | { kind: 'unreadable' };

/** Python has no result for it, and XML-RPC no word for that: the work is done and committed, only the answer fails. */
const NOTHING_TO_SAY = 'cannot marshal None unless allow_none is enabled';

/** Total. */
export function readAnswer(response: HttpResponse): Answer {
  try {
    const text = bodyText(response);
    return /^\s*</.test(text) ? readXml(text) : readJsonAnswer(readJson(text));
  } catch {
    return { kind: 'unreadable' };
  }
}

function readXml(text: string): Answer {
  if (!text.includes('<methodResponse')) return { kind: 'unreadable' };
  const answer = readResponse(text);
  if ('value' in answer) return { kind: 'value', value: answer.value };
  if (answer.fault.text.includes(NOTHING_TO_SAY)) return { kind: 'value', value: null };
  return { kind: 'fault', fault: answer.fault };
}

const record = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;

function readJsonAnswer(body: unknown): Answer {
  const answer = record(body);
  if (answer?.['jsonrpc'] === undefined) {
    const named = typeof answer?.['name'] === 'string' && typeof answer['message'] === 'string' && 'debug' in answer;
    if (!named) return { kind: 'value', value: body };
    return { kind: 'error', name: String(answer['name']), message: String(answer['message']) };
  }
  const { error } = answer;
  // A method without a result is answered without `result`.
  if (error === undefined || error === null) return { kind: 'value', value: answer['result'] ?? null };
  const told = record(record(error)?.['data']);
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  return {
    kind: 'error',
    name: text(told?.['name']) || `code ${String(record(error)?.['code'])}`,
    message: text(told?.['message']) || text(record(error)?.['message']),
  };
}
