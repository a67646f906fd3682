import type { Router } from '../../../platform/sandbox-kit/index.ts';
import { answer, listed, Refusal } from './answers.ts';
import type { HookQueue } from './events.ts';
import type { Store, StoreHook } from './store.ts';

const SCOPES =
  /^store\/(order|product|sku|channel|inventory|cart|customer|shipment|information|category|app)(\/[\w*-]+){1,6}$/;

/** Webhooks are made, changed, looked at and removed by API; one per scope and address. */
export function hookRoutes(store: Store, queue: HookQueue, router: Router): void {
  const base = `/stores/${store.hash}/v3/hooks`;
  const find = (id: string): StoreHook => {
    const hook = store.hooks.find((one) => String(one.id) === id);
    if (!hook) throw new Refusal(404, 'Webhook not found');
    return hook;
  };
  router.on('GET', base, ({ query }) => {
    const [destination, scope] = [query.get('destination'), query.get('scope')];
    const rows = store.hooks.filter(
      (one) => (!destination || one.destination === destination) && (!scope || one.scope === scope),
    );
    return listed(
      store,
      rows.map((hook) => hookJson(store, hook)),
      query,
      250,
    );
  });
  router.on('POST', base, (routed) => {
    const body = routed.json() as Partial<StoreHook> & { is_active?: boolean };
    const { scope = '', destination = '', headers = null } = body;
    if (!SCOPES.test(scope)) throw new Refusal(422, 'The scope is not valid.', { scope });
    if (!isReachable(destination))
      throw new Refusal(422, 'The destination must be served by https on port 443.', { destination });
    const alike = store.hooks.filter((one) => one.scope === scope);
    if (alike.some((one) => one.destination === destination))
      throw new Refusal(422, 'A webhook with this scope and destination exists.', { destination });
    if (alike.length >= 10) throw new Refusal(422, 'There are ten webhooks with this scope.', { scope });
    const createdMs = store.options.clock.now();
    const hook = { id: store.nextId(), scope, destination, headers, active: body.is_active ?? true, createdMs };
    store.hooks.push(hook);
    return answer(store, { data: hookJson(store, hook), meta: {} });
  });
  router.on('GET', `${base}/{id}`, ({ params }) =>
    answer(store, { data: hookJson(store, find(params['id']!)), meta: {} }),
  );
  router.on('PUT', `${base}/{id}`, (routed) => {
    const hook = find(routed.params['id']!);
    const body = routed.json() as { is_active?: boolean; headers?: Record<string, string> | null };
    if (body.headers !== undefined) hook.headers = body.headers;
    if (body.is_active !== undefined) hook.active = body.is_active;
    if (hook.active) queue.switchOn(hook.id);
    return answer(store, { data: hookJson(store, hook), meta: {} });
  });
  router.on('DELETE', `${base}/{id}`, ({ params }) => {
    const hook = find(params['id']!);
    store.hooks.splice(store.hooks.indexOf(hook), 1);
    return answer(store, { data: hookJson(store, hook), meta: {} });
  });
}

/** This machine's own address is let through, so that the demo needs no certificate. */
function isReachable(destination: string): boolean {
  if (!URL.canParse(destination)) return false;
  const { protocol, port, hostname } = new URL(destination);
  return (protocol === 'https:' && port === '') || hostname === '127.0.0.1' || hostname === 'localhost';
}

const hookJson = (store: Store, { id, scope, destination, headers, active, createdMs }: StoreHook) => ({
  id,
  client_id: 'm9r6keqmo7h7f23btnpwernbez1kglkl',
  store_hash: store.hash,
  created_at: Math.floor(createdMs / 1000),
  updated_at: Math.floor(createdMs / 1000),
  scope,
  destination,
  is_active: active,
  headers,
});
