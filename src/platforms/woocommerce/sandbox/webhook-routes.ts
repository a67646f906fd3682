import type { Router } from '../../../platform/sandbox-kit/index.ts';
import { listed, ok, Refusal } from './answers.ts';
import type { HookQueue } from './hook-queue.ts';
import { links, local } from './product-json.ts';
import type { Shop, Webhook } from './shop.ts';

const VERBS = ['created', 'updated', 'deleted', 'restored'];
const RESOURCES = ['coupon', 'customer', 'order', 'product'];

const isTopic = (topic: string): boolean => {
  const [resource = '', event = ''] = topic.split('.');
  return resource === 'action' ? event !== '' : RESOURCES.includes(resource) && VERBS.includes(event);
};

/** Webhooks are made, changed, looked at and removed by API; their secret is never printed. */
export function webhookRoutes(shop: Shop, hooks: HookQueue, router: Router): void {
  const base = '/wp-json/wc/v3/webhooks';
  const find = (id: string): Webhook => {
    const hook = shop.webhooks.find((one) => one.id === Number(id));
    if (!hook) throw new Refusal(404, 'woocommerce_rest_shop_webhook_invalid_id', 'Invalid ID.');
    return hook;
  };
  router.on('GET', base, ({ query }) => {
    const rows = [...shop.webhooks].sort((a, b) => (query.get('order') === 'asc' ? a.id - b.id : b.id - a.id));
    return listed(shop, rows, query, (hook) => webhookJson(shop, hook));
  });
  router.on('POST', base, (routed) => {
    const body = routed.json() as Record<string, string | undefined>;
    if (!isTopic(body['topic'] ?? ''))
      throw new Refusal(
        400,
        'woocommerce_rest_shop_webhook_invalid_topic',
        'Webhook topic is required and must be valid.',
      );
    if (!/^https?:\/\//.test(body['delivery_url'] ?? ''))
      throw new Refusal(
        400,
        'woocommerce_rest_shop_webhook_invalid_delivery_url',
        'Webhook delivery URL must be a valid URL starting with http:// or https://.',
      );
    const hook: Webhook = {
      id: shop.nextId(),
      name: body['name'] ?? '',
      topic: body['topic']!,
      status: (body['status'] as Webhook['status'] | undefined) ?? 'active',
      deliveryUrl: body['delivery_url']!,
      secret: body['secret'] ?? `unknown ${shop.options.random()}`,
      createdMs: shop.options.clock.now(),
      changedMs: null,
    };
    shop.webhooks.push(hook);
    if (hook.status === 'active') hooks.ping(hook);
    return ok(shop, webhookJson(shop, hook), 201);
  });
  router.on('GET', `${base}/{id}`, ({ params }) => ok(shop, webhookJson(shop, find(params['id']!))));
  router.on('PUT', `${base}/{id}`, (routed) => {
    const hook = find(routed.params['id']!);
    const body = routed.json() as Record<string, string | undefined>;
    if (body['secret']) hook.secret = body['secret'];
    if (body['status']) hook.status = body['status'] as Webhook['status'];
    if (hook.status === 'active') hooks.switchOn(hook);
    hook.changedMs = shop.options.clock.now();
    return ok(shop, webhookJson(shop, hook));
  });
  router.on('DELETE', `${base}/{id}`, ({ params, query }) => {
    const hook = find(params['id']!);
    if (query.get('force') !== 'true')
      throw new Refusal(501, 'woocommerce_rest_trash_not_supported', 'Webhooks do not support trashing.');
    shop.webhooks.splice(shop.webhooks.indexOf(hook), 1);
    return ok(shop, webhookJson(shop, hook));
  });
}

function webhookJson(shop: Shop, hook: Webhook): Record<string, unknown> {
  const [resource, event] = hook.topic.split('.', 2);
  const changed = hook.changedMs === null ? null : local(hook.changedMs);
  return {
    id: hook.id,
    name: hook.name,
    status: hook.status,
    topic: hook.topic,
    resource,
    event,
    hooks: HOOKS[hook.topic] ?? [],
    delivery_url: hook.deliveryUrl,
    date_created: local(hook.createdMs),
    date_created_gmt: local(hook.createdMs),
    date_modified: changed,
    date_modified_gmt: changed,
    _links: links(shop, `/webhooks/${hook.id}`, '/webhooks'),
  };
}

/** WordPress's own hooks behind some topics, as recorded. */
const HOOKS: Record<string, string[]> = {
  'order.deleted': ['wp_trash_post', 'woocommerce_trash_order'],
  'product.created': [
    'woocommerce_process_product_meta',
    'woocommerce_new_product',
    'woocommerce_new_product_variation',
  ],
  'product.deleted': ['wp_trash_post'],
};
