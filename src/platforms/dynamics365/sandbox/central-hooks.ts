import { bodyText, type HttpResponse, jsonRequest, jsonResponse } from '../../../platform/http.ts';
import { HookSender, type Routed } from '../../../platform/sandbox-kit/index.ts';
import { record } from '../api.ts';
import { iso, odataError, type Tenant } from './tenant.ts';

interface Subscription {
  subscriptionId: string;
  notificationUrl: string;
  resource: string;
  clientState: string;
  endsAtMs: number;
  version: number;
}

const DAYS_3_MS = 3 * 86_400_000;
const MAX = 200;
const TABLES = ['items', 'salesOrders', 'salesInvoices', 'salesCreditMemos', 'customers'];

/**
 * Business Central's notifications: thin, half a minute late, one per record while one waits; repeated for 36 hours after 408,
 * 429 and 5xx, and for any other 4xx the subscription is deleted.
 */
export class CentralHooks {
  readonly sender: HookSender;
  private readonly subscriptions = new Map<string, Subscription>();
  private made = 0;

  constructor(
    private readonly tenant: Tenant,
    private readonly company: string,
  ) {
    const { clock, random, factor } = tenant.options;
    this.sender = new HookSender({
      clock,
      random,
      factor,
      deliver: (hook) => this.deliver(hook),
      plan: {
        delayMs: (chance) => 20_000 + chance() * 15_000,
        retriesMs: [60_000, 300_000, 1_800_000, 7_200_000, 21_600_000, 43_200_000, 54_000_000],
        bodyFrom: 'attempt',
        coalesce: true,
        offAfter: null,
        timeoutMs: 60_000,
      },
    });
  }

  private async deliver(hook: Parameters<Tenant['options']['deliver']>[0]): Promise<HttpResponse> {
    const answer = await this.tenant.options.deliver(hook);
    const { value } = JSON.parse(bodyText(hook)) as { value: { subscriptionId: string }[] };
    const refused = answer.status >= 400 && answer.status < 500 && answer.status !== 408 && answer.status !== 429;
    if (refused) for (const { subscriptionId } of value) this.subscriptions.delete(subscriptionId);
    return answer;
  }

  send(table: string, id: string, changeType: 'created' | 'updated' | 'deleted', modifiedMs: number): void {
    for (const one of this.subscriptions.values()) {
      if (!one.resource.endsWith(`/${table}`)) continue;
      const resource = `api/v2.0/companies(${this.company})/${table}(${id})`;
      this.sender.send({
        subscription: one.subscriptionId,
        key: `${changeType} ${resource}`,
        build: () => {
          const live = this.subscriptions.get(one.subscriptionId);
          if (!live || live.endsAtMs <= this.tenant.options.clock.now()) return null;
          const value = [
            {
              subscriptionId: live.subscriptionId,
              clientState: live.clientState,
              expirationDateTime: iso(live.endsAtMs),
              resource,
              changeType,
              lastModifiedDateTime: iso(modifiedMs),
            },
          ];
          return jsonRequest('POST', live.notificationUrl, { value });
        },
      });
    }
  }

  list(): HttpResponse {
    return jsonResponse(200, { value: [...this.subscriptions.values()].map((one) => this.node(one)) });
  }

  async create(routed: Routed): Promise<HttpResponse> {
    const body = record(routed.json()) ?? {};
    const { notificationUrl, resource, clientState } = body as Record<string, string>;
    const table = /companies\(([0-9a-f-]{36})\)\/(\w+)$/i.exec(resource ?? '');
    if (!notificationUrl || table?.[1] !== this.company || !TABLES.includes(table[2] ?? ''))
      return odataError(400, 'BadRequest', 'The resource cannot be subscribed to.');
    if (
      [...this.subscriptions.values()].some(
        (one) => one.notificationUrl === notificationUrl && one.resource === resource,
      )
    )
      return odataError(400, 'Internal_EntityWithSameKeyExists', 'The record already exists.');
    if (this.subscriptions.size >= MAX) return odataError(400, 'BadRequest', 'Too many subscriptions.');
    if (!(await this.answers(notificationUrl))) return NOT_ANSWERED;
    this.made += 1;
    const one: Subscription = {
      subscriptionId: `webhook-${this.made}-0b9c`,
      notificationUrl,
      resource: resource!,
      clientState: clientState ?? '',
      endsAtMs: this.tenant.options.clock.now() + DAYS_3_MS / this.tenant.options.factor,
      version: 1,
    };
    this.subscriptions.set(one.subscriptionId, one);
    return jsonResponse(201, this.node(one));
  }

  async renew(routed: Routed): Promise<HttpResponse> {
    const one = this.subscriptions.get(routed.params['id']!);
    if (!one) return odataError(404, 'BadRequest_ResourceNotFound', 'The subscription does not exist.');
    if (!this.matches(one, routed))
      return odataError(409, 'Request_EntityChanged', 'Another user has already changed the record.');
    if (!(await this.answers(one.notificationUrl))) return NOT_ANSWERED;
    const { clientState } = (record(routed.json()) ?? {}) as Record<string, string>;
    one.clientState = clientState ?? one.clientState;
    one.endsAtMs = this.tenant.options.clock.now() + DAYS_3_MS / this.tenant.options.factor;
    one.version += 1;
    return jsonResponse(200, this.node(one));
  }

  remove(routed: Routed): HttpResponse {
    const one = this.subscriptions.get(routed.params['id']!);
    if (!one) return odataError(404, 'BadRequest_ResourceNotFound', 'The subscription does not exist.');
    if (!this.matches(one, routed))
      return odataError(409, 'Request_EntityChanged', 'Another user has already changed the record.');
    this.subscriptions.delete(one.subscriptionId);
    return { status: 204, headers: {}, body: new Uint8Array() };
  }

  get size(): number {
    return this.subscriptions.size;
  }

  private matches(one: Subscription, routed: Routed): boolean {
    const given = routed.headers['if-match'];
    return given === '*' || given === etag(one);
  }

  /** Before a subscription counts, the address must give back a text of ours. */
  private async answers(url: string): Promise<boolean> {
    const token = `vt-${Math.floor(this.tenant.options.random() * 1e12)}`;
    const asked = new URL(url);
    asked.searchParams.set('validationToken', token);
    try {
      const answer = await this.tenant.options.deliver({ method: 'POST', url: asked.href, headers: {}, body: '' });
      return answer.status === 200 && bodyText(answer).includes(token);
    } catch {
      return false;
    }
  }

  private node(one: Subscription): Record<string, unknown> {
    const { subscriptionId, notificationUrl, resource, clientState } = one;
    return {
      '@odata.etag': etag(one),
      subscriptionId,
      notificationUrl,
      resource,
      clientState,
      expirationDateTime: iso(one.endsAtMs),
    };
  }
}

const etag = ({ subscriptionId, version }: Subscription): string => `W/"${subscriptionId}-${version}"`;

const NOT_ANSWERED = odataError(
  400,
  'BadRequest',
  'Failed to get confirmation from the notification URL: the response did not contain the validation token.',
);
