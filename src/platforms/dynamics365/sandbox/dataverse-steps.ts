import { type HttpResponse, jsonRequest, jsonResponse } from '../../../platform/http.ts';
import { HookSender, type Routed } from '../../../platform/sandbox-kit/index.ts';
import { record } from '../api.ts';
import type { Table } from './odata.ts';
import { guid, odataError, type Tenant } from './tenant.ts';

type Row = Record<string, string | number | boolean | null>;

const MESSAGES = ['Create', 'Update', 'Delete'];
const ENTITIES = ['salesorder', 'salesorderdetail', 'product', 'account'];

const KEYS: Record<string, string> = {
  serviceendpoints: 'serviceendpointid',
  sdkmessageprocessingsteps: 'sdkmessageprocessingstepid',
  sdkmessageprocessingstepimages: 'sdkmessageprocessingstepimageid',
  sdkmessages: 'sdkmessageid',
  sdkmessagefilters: 'sdkmessagefilterid',
};

const COLUMNS: Record<string, string[]> = {
  serviceendpoints: ['serviceendpointid', 'name', 'url', 'contract', 'authtype'],
  sdkmessageprocessingsteps: [
    'sdkmessageprocessingstepid',
    'name',
    'statecode',
    '_eventhandler_value',
    '_sdkmessagefilterid_value',
  ],
  sdkmessageprocessingstepimages: ['sdkmessageprocessingstepimageid', 'imagetype', '_sdkmessageprocessingstepid_value'],
  sdkmessages: ['sdkmessageid', 'name'],
  sdkmessagefilters: ['sdkmessagefilterid', 'primaryobjecttypecode', '_sdkmessageid_value'],
};

/** `/sdkmessages(id)` of a bind, which the API gives back as a lookup column. */
const BINDS: Record<string, string> = {
  'sdkmessageid@odata.bind': '_sdkmessageid_value',
  'sdkmessagefilterid@odata.bind': '_sdkmessagefilterid_value',
  'eventhandler_serviceendpoint@odata.bind': '_eventhandler_value',
  'sdkmessageprocessingstepid@odata.bind': '_sdkmessageprocessingstepid_value',
};

export interface Execution {
  entity: 'salesorder' | 'salesorderdetail' | 'product';
  message: 'Create' | 'Update' | 'Delete';
  id: string;
  attributes: Record<string, unknown>;
  /** The order of a line, for images. */
  order?: string;
}

/** Service endpoints and steps: rows like any other, and messages that leave by the asynchronous service, once. */
export class DataverseSteps {
  readonly sender: HookSender;
  private readonly rows: Record<string, Map<string, Row>> = {};
  private readonly secrets = new Map<string, string>();
  private made = 0;

  constructor(private readonly tenant: Tenant) {
    for (const table of Object.keys(KEYS)) this.rows[table] = new Map();
    for (const [index, name] of MESSAGES.entries()) {
      const message = guid('5d', index + 1);
      this.rows['sdkmessages']!.set(message, { sdkmessageid: message, name });
      for (const [slot, primaryobjecttypecode] of ENTITIES.entries()) {
        const id = guid('5f', index * 10 + slot + 1);
        const row = { sdkmessagefilterid: id, primaryobjecttypecode, _sdkmessageid_value: message };
        this.rows['sdkmessagefilters']!.set(id, row);
      }
    }
    const { clock, random, factor } = tenant.options;
    this.sender = new HookSender({
      clock,
      random,
      factor,
      deliver: (hook) => this.deliver(hook),
      plan: {
        delayMs: (chance) => 1_000 + chance() * 20_000,
        retriesMs: [5_000],
        bodyFrom: 'event',
        coalesce: false,
        offAfter: null,
        timeoutMs: 60_000,
      },
    });
  }

  /** Tried once more after 502, 503 and 504 only; every other failure is written down and left. */
  private async deliver(hook: Parameters<Tenant['options']['deliver']>[0]): Promise<HttpResponse> {
    try {
      const answer = await this.tenant.options.deliver(hook);
      return [502, 503, 504].includes(answer.status) ? answer : jsonResponse(200, '');
    } catch {
      return jsonResponse(200, '');
    }
  }

  table(name: string): Table<Row> {
    return {
      rows: () => [...this.rows[name]!.values()],
      field: (row, column) => row[column],
      key: (row) => row[KEYS[name]!],
      columns: COLUMNS[name]!,
      node: (row) => row,
    };
  }

  create(name: string, routed: Routed): HttpResponse {
    const body = record(routed.json());
    if (!body) return odataError(400, '0x80048d19', 'Error identified in Payload provided by the user.');
    this.made += 1;
    const id = guid('5e', this.made);
    const row: Row = { [KEYS[name]!]: id, statecode: 0 };
    for (const [column, value] of Object.entries(body)) {
      const lookup = BINDS[column];
      if (lookup) {
        const [, table, named] = /^\/(\w+)\(([0-9a-f-]{36})\)$/.exec(String(value)) ?? [];
        if (!table || !named || !this.rows[table]?.has(named))
          return odataError(404, '0x80040217', `${column} does not exist.`);
        row[lookup] = named;
      } else if (column === 'authvalue') this.secrets.set(id, String(value));
      else row[column] = value as Row[string];
    }
    this.rows[name]!.set(id, row);
    if (routed.headers['prefer']?.includes('return=representation')) return jsonResponse(201, row);
    return { status: 204, headers: { 'odata-entityid': `${routed.url.href}(${id})` }, body: new Uint8Array() };
  }

  update(name: string, routed: Routed): HttpResponse {
    const row = this.rows[name]!.get(routed.params['id']!);
    const body = record(routed.json());
    if (!row || !body) return odataError(404, '0x80040217', `${name} With Id = ${routed.params['id']} Does Not Exist`);
    const { authvalue, ...rest } = body;
    if (typeof authvalue === 'string') this.secrets.set(routed.params['id']!, authvalue);
    Object.assign(row, rest);
    return { status: 204, headers: {}, body: new Uint8Array() };
  }

  remove(name: string, routed: Routed): HttpResponse {
    const id = routed.params['id']!;
    if (!this.rows[name]!.delete(id)) return odataError(404, '0x80040217', `${name} With Id = ${id} Does Not Exist`);
    return { status: 204, headers: {}, body: new Uint8Array() };
  }

  count(name: string): number {
    return this.rows[name]!.size;
  }

  /** Staff switch a step off. */
  switchOff(): void {
    for (const step of this.rows['sdkmessageprocessingsteps']!.values()) step['statecode'] = 1;
  }

  tell(execution: Execution): void {
    for (const step of this.rows['sdkmessageprocessingsteps']!.values()) {
      const filter = this.rows['sdkmessagefilters']!.get(String(step['_sdkmessagefilterid_value']));
      const message = this.rows['sdkmessages']!.get(String(filter?.['_sdkmessageid_value']));
      if (step['statecode'] !== 0 || filter?.['primaryobjecttypecode'] !== execution.entity) continue;
      if (message?.['name'] !== execution.message) continue;
      const wanted = step['filteringattributes'];
      if (typeof wanted === 'string' && !wanted.split(',').some((name) => name in execution.attributes)) continue;
      const endpoint = this.rows['serviceendpoints']!.get(String(step['_eventhandler_value']));
      if (endpoint) this.send(endpoint, String(step['sdkmessageprocessingstepid']), execution);
    }
  }

  private send(endpoint: Row, step: string, execution: Execution): void {
    const secret = this.secrets.get(String(endpoint['serviceendpointid'])) ?? '';
    const headers = Object.fromEntries(
      [...secret.matchAll(/<setting name="([^"]+)" value="([^"]*)"/g)].map(([, name, value]) => [name!, value!]),
    );
    const body = this.context(step, execution);
    this.sender.send({
      subscription: String(endpoint['serviceendpointid']),
      key: execution.id,
      build: () => {
        const request = jsonRequest('POST', String(endpoint['url']), body);
        return {
          ...request,
          headers: {
            ...request.headers,
            ...headers,
            'x-ms-dynamics-entity-name': execution.entity,
            'x-ms-dynamics-request-name': execution.message,
          },
        };
      },
    });
  }

  private context(step: string, { entity, message, id, attributes, order }: Execution): Record<string, unknown> {
    const image = [...this.rows['sdkmessageprocessingstepimages']!.values()].find(
      (one) => one['_sdkmessageprocessingstepid_value'] === step,
    );
    const images = order
      ? [
          {
            key: 'order',
            value: {
              LogicalName: entity,
              Id: id,
              Attributes: [
                {
                  key: 'salesorderid',
                  value: {
                    __type: 'EntityReference:http://schemas.microsoft.com/xrm/2011/Contracts',
                    Id: order,
                    LogicalName: 'salesorder',
                  },
                },
              ],
            },
          },
        ]
      : [];
    const nowMs = Math.floor(this.tenant.options.clock.now());
    return {
      MessageName: message,
      PrimaryEntityName: entity,
      PrimaryEntityId: id,
      Stage: 40,
      Mode: 1,
      Depth: 1,
      OperationCreatedOn: `/Date(${nowMs}+0000)/`,
      InputParameters: [
        {
          key: 'Target',
          value: {
            __type: 'Entity:http://schemas.microsoft.com/xrm/2011/Contracts',
            LogicalName: entity,
            Id: id,
            Attributes: Object.entries(attributes).map(([key, value]) => ({ key, value })),
          },
        },
      ],
      PreEntityImages: image?.['imagetype'] === 0 ? images : [],
      PostEntityImages: image?.['imagetype'] === 1 ? images : [],
    };
  }
}
