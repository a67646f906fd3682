import type { HttpRequest } from '../../../platform/http.ts';
import { HookSender } from '../../../platform/sandbox-kit/index.ts';
import { hmac } from '../../../platform/signature.ts';
import type { Company } from './company.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

interface Happened {
  entity: string;
  id: string;
  verb: 'created' | 'updated' | 'deleted' | 'voided';
  atMs: number;
}

/** Outgoing webhooks of the app: late, one event each, or all that happened meanwhile in one where `gathers` is set. */
export class HookQueue {
  gathers = false;
  readonly #company: Company;
  readonly #sender: HookSender;
  #gathered: Happened[] = [];
  #count = 0;

  constructor(company: Company) {
    this.#company = company;
    const { clock, random, factor, deliver } = company.options;
    this.#sender = new HookSender({
      clock,
      random,
      factor,
      deliver,
      plan: {
        delayMs: (draw) => 2_000 + draw() * 58_000,
        retriesMs: [
          10_000,
          20_000,
          30_000,
          5 * MINUTE,
          20 * MINUTE,
          2 * HOUR,
          4 * HOUR,
          ...Array<number>(8).fill(6 * HOUR),
        ],
        bodyFrom: 'delivery',
        coalesce: false,
        offAfter: null,
        timeoutMs: 3_000,
      },
    });
  }

  tell(entity: string, id: string, verb: Happened['verb']): void {
    if (this.#company.hookUrl === '') return;
    const event: Happened = { entity, id, verb, atMs: this.#company.options.clock.now() };
    this.#gathered.push(event);
    this.#sender.send({ subscription: 'app', key: 'app', build: () => this.#build(event) });
  }

  /** An event that went with an earlier one is not sent again. */
  #build(event: Happened): HttpRequest | null {
    if (!this.#gathered.includes(event)) return null;
    const gathered = this.gathers ? this.#gathered : [event];
    this.#gathered = this.#gathered.filter((one) => !gathered.includes(one));
    const body = JSON.stringify(
      this.#company.legacyHooks ? this.#notifications(gathered) : this.#cloudEvents(gathered),
    );
    return {
      method: 'POST',
      url: this.#company.hookUrl,
      headers: {
        'content-type': 'application/json',
        'intuit-signature': hmac('sha256', this.#company.verifierToken, [body], 'base64'),
      },
      body,
    };
  }

  #cloudEvents(gathered: Happened[]): object[] {
    return gathered.map(({ entity, id, verb, atMs }) => ({
      specversion: '1.0',
      id: `00000000-0000-4000-8000-${String(++this.#count).padStart(12, '0')}`,
      source: 'intuit.dsnBgbseACLLRZNxo2dfc4evmEJdxde58xeeYcZliOU=',
      type: `qbo.${entity.toLowerCase()}.${verb}.v1`,
      datacontenttype: 'application/json',
      time: new Date(atMs).toISOString(),
      intuitentityid: id,
      intuitaccountid: this.#company.realmId,
      data: {},
    }));
  }

  #notifications(gathered: Happened[]): object {
    const words = { created: 'Create', updated: 'Update', deleted: 'Delete', voided: 'Void' };
    const entities = gathered.map(({ entity, id, verb, atMs }) => ({
      name: entity,
      id,
      operation: words[verb],
      lastUpdated: new Date(atMs).toISOString(),
    }));
    return { eventNotifications: [{ realmId: this.#company.realmId, dataChangeEvent: { entities } }] };
  }

  quiet(): boolean {
    return this.#sender.quiet();
  }

  close(): void {
    this.#sender.close();
  }
}
