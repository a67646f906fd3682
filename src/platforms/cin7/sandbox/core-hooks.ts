import { type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import { availableOf, HookSender, type Router, type StockEvent } from '../../../platform/sandbox-kit/index.ts';
import { record } from '../api.ts';
import { EVENT_TYPES } from '../webhook.ts';
import { type Account, guidOf } from './account.ts';
import { availabilityRows } from './core-stock.ts';
import { refusal } from './refusal.ts';

const MINUTE_MS = 60_000;

interface Webhook {
  ID: string;
  Name: string;
  Type: string;
  IsActive: boolean;
  ExternalURL: string;
  ExternalAuthorizationType: string;
  ExternalBearerToken: string | null;
  ExternalHeaders: unknown[];
}

/** Core's webhooks: thin, unsigned, a minute late, and switched off without a word. */
export class CoreHooks {
  readonly sender: HookSender;
  readonly all: Webhook[] = [];
  /** false: the account has not bought the Automation module. */
  hasAutomation = true;
  private seq = 0;

  constructor(private readonly account: Account) {
    const { clock, random, factor, deliver } = account.options;
    this.sender = new HookSender({
      clock,
      random,
      factor,
      plan: {
        delayMs: (draw) => MINUTE_MS * (0.8 + draw() * 0.4),
        retriesMs: [5, 10, 15, 20, 25].map((minutes) => minutes * MINUTE_MS),
        bodyFrom: 'event',
        coalesce: false,
        offAfter: 6,
        offCounts: 'attempts',
      },
      deliver,
      onOff: (subscription) => {
        for (const hook of this.all) if (hook.ID === subscription) hook.IsActive = false;
      },
    });
  }

  tell(): () => void {
    return this.account.book.onChange((event) => this.heard(event));
  }

  private heard(event: StockEvent): void {
    if (event.kind === 'level') {
      const { level, before } = event;
      if (!level.item.tracked || availableOf(level) === before) return;
      this.send('Stock/AvailableStockLevelChanged', level.item.id, availabilityRows([level], this.account));
      return;
    }
    const { order, cause, refund } = event;
    const SaleOrderNumber = `SO-${String(order.seq).padStart(5, '0')}`;
    const send = (EventType: string) =>
      this.send(EventType, order.id, { SaleID: order.id, SaleOrderNumber, EventType });
    const isSold = (cause === 'placed' && order.taken) || cause === 'paid';
    if (isSold) send('Sale/OrderAuthorised');
    if (cause === 'cancelled') send('Sale/Voided');
    if (cause === 'refunded' && refund) send('Sale/CreditNoteAuthorised');
    if (cause !== 'fulfilled') return;
    send('Sale/PickAuthorised');
    const EventType = 'Sale/ShipmentAuthorised';
    this.send(EventType, order.id, {
      SaleTaskID: order.id,
      OrderNumber: SaleOrderNumber,
      CustomerName: 'A customer',
      EventType,
    });
  }

  send(type: string, key: string, payload: unknown): void {
    for (const hook of this.all) {
      if (!hook.IsActive || hook.Type !== type) continue;
      const body = JSON.stringify(payload);
      this.sender.send({
        subscription: hook.ID,
        key,
        build: () => ({
          method: 'POST',
          url: hook.ExternalURL,
          headers: {
            'content-type': 'application/json',
            ...(hook.ExternalBearerToken && { authorization: `Bearer ${hook.ExternalBearerToken}` }),
          },
          body,
        }),
      });
    }
  }

  routes(router: Router, base: string): void {
    const path = `${base}/webhooks`;
    const open = (work: () => HttpResponse) =>
      this.hasAutomation ? work() : refusal(403, 'The Automation module is not part of your subscription.');
    router
      .on('GET', path, () => open(() => jsonResponse(200, { Webhooks: this.all })))
      .on('POST', path, (routed) => open(() => this.write(record(routed.json()) ?? {})))
      .on('PUT', path, (routed) => open(() => this.write(record(routed.json()) ?? {})))
      .on('DELETE', path, ({ query }) =>
        open(() => {
          const found = this.all.findIndex(({ ID }) => ID === query.get('ID'));
          if (found < 0) return refusal(404, 'Webhook was not found.');
          this.all.splice(found, 1);
          return jsonResponse(200, { Webhooks: [] });
        }),
      );
  }

  private write(body: Record<string, unknown>): HttpResponse {
    const { ID, Type, IsActive, ExternalURL, ExternalAuthorizationType, ExternalBearerToken, ExternalHeaders } =
      body as unknown as Webhook;
    const known = EVENT_TYPES as readonly string[];
    if (!known.includes(Type)) return refusal(400, `Type ${Type} was not found.`);
    if (typeof IsActive !== 'boolean' || !URL.canParse(String(ExternalURL)))
      return refusal(400, 'IsActive and ExternalURL are required.');
    if (!['noauth', 'basicauth', 'bearerauth'].includes(ExternalAuthorizationType))
      return refusal(400, 'ExternalAuthorizationType is required.');
    const same = this.all.filter((one) => one.Type === Type);
    let hook = this.all.find((one) => one.ID === ID);
    if (ID !== undefined && !hook) return refusal(404, 'Webhook was not found.');
    if (!hook && same.length >= 5) return refusal(400, 'At most 5 webhooks of one type.');
    if (!hook) {
      this.seq += 1;
      hook = { ID: guidOf('aaaa', this.seq), Name: Type } as Webhook;
      this.all.push(hook);
    }
    Object.assign(hook, { Type, IsActive, ExternalURL, ExternalAuthorizationType });
    Object.assign(hook, { ExternalBearerToken: ExternalBearerToken ?? null, ExternalHeaders: ExternalHeaders ?? [] });
    if (IsActive) this.sender.switchOn(hook.ID);
    return jsonResponse(200, { Webhooks: [hook] });
  }
}
