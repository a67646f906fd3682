import { API_VERSION } from '../facts.ts';
import { CatalogueNodes } from './catalogue-nodes.ts';
import { connect } from './connection.ts';
import { gid, readGid } from './ids.ts';
import { InventoryWrites } from './inventory-writes.ts';
import { OrderNodes } from './order-nodes.ts';
import { searchOrders } from './order-search.ts';
import { type Call, GraphqlProblem, type Node } from './run.ts';
import { type HookSubscription, type Shop, utc } from './shop.ts';

/** The entries of the API: what our connector and Shopify's own clients ask for. */
export function rootsOf(shop: Shop): { query: Node; mutation: Node } {
  const catalogue = new CatalogueNodes(shop);
  const orders = new OrderNodes(shop, catalogue);
  const writes = new InventoryWrites(shop, catalogue);
  const { shelves } = shop.book;

  const orderOf = (id: unknown): Node | null => {
    const read = readGid(id);
    if (read?.kind !== 'Order') throw invalidId(id);
    const order = shop.deleted.has(read.id) ? undefined : shop.book.order(read.id);
    return order ? orders.order(order) : null;
  };
  const nodeOf = (id: unknown): Node | null => {
    const read = readGid(id);
    if (!read) throw invalidId(id);
    switch (read.kind) {
      case 'Order':
        return orderOf(id);
      case 'Location':
        return catalogue.locationOf(id);
      case 'InventoryItem': {
        const item = catalogue.itemOf(id);
        return item ? catalogue.item(item) : null;
      }
      case 'ProductVariant': {
        const item = catalogue.variantOf(id);
        return item ? catalogue.variant(item) : null;
      }
      default:
        return orders.documentOf(read.kind, read.id);
    }
  };

  return {
    query: {
      __typename: 'QueryRoot',
      shop: {
        __typename: 'Shop',
        id: gid('Shop', '1'),
        name: shop.options.name,
        myshopifyDomain: shop.domain,
        email: `owner@${shop.domain}`,
        currencyCode: 'USD',
      },
      currentAppInstallation: {
        __typename: 'AppInstallation',
        id: gid('AppInstallation', '1'),
        accessScopes: () =>
          [...shop.scopes].map((handle) => ({ __typename: 'AccessScope', handle, description: handle })),
        app: { __typename: 'App', id: gid('App', '1'), title: 'Onhand', webhookApiVersion: API_VERSION },
      },
      location: ({ args }: Call) => catalogue.locationOf(args['id']),
      locations: (call: Call) =>
        connect(
          'Location',
          shop.locations.filter(({ isActive }) => isActive || call.args['includeInactive'] === true),
          (place) => catalogue.location(place),
        )(call),
      inventoryItem: ({ args }: Call) => nodeOf(args['id']),
      inventoryItems: (call: Call) =>
        connect('InventoryItem', bySku(shop, call.args['query']), (item) => catalogue.item(item))(call),
      productVariant: ({ args }: Call) => nodeOf(args['id']),
      productVariants: (call: Call) =>
        connect('ProductVariant', bySku(shop, call.args['query']), (item) => catalogue.variant(item))(call),
      order: ({ args }: Call) => orderOf(args['id']),
      orders: (call: Call) => searchOrders(shop, call, (order) => orders.order(order)),
      node: ({ args }: Call) => nodeOf(args['id']),
      nodes: ({ args }: Call) => {
        const ids = args['ids'] as unknown[];
        if (ids.length > 250)
          throw new GraphqlProblem(
            `The input array size of ${ids.length} is greater than the maximum allowed of 250.`,
            'MAX_INPUT_SIZE_EXCEEDED',
          );
        return ids.map(nodeOf);
      },
      webhookSubscriptions: connect('WebhookSubscription', shop.hooks, hookNode),
    },
    mutation: {
      __typename: 'Mutation',
      inventorySetQuantities: writes.set,
      inventoryAdjustQuantities: writes.adjust,
      webhookSubscriptionCreate: (call: Call) => createHook(shop, call),
      webhookSubscriptionDelete: (call: Call) => deleteHook(shop, call),
    },
  };

  /** `sku:'ABC-1'`, or everything. */
  function bySku(of: Shop, query: unknown) {
    const match = typeof query === 'string' ? /^sku:(?:'([^']*)'|"([^"]*)"|(\S+))$/.exec(query.trim()) : null;
    if (!match) return shelves.items;
    const item = of.book.shelves.item(match[1] ?? match[2] ?? match[3] ?? '');
    return item ? [item] : [];
  }
}

const invalidId = (id: unknown): GraphqlProblem =>
  new GraphqlProblem(`Invalid global id '${String(id)}'`, 'argumentLiteralsIncompatible');

const hookNode = (hook: HookSubscription): Node => ({
  __typename: 'WebhookSubscription',
  id: hook.id,
  legacyResourceId: readGid(hook.id)!.id,
  topic: hook.topic,
  uri: hook.uri,
  format: hook.format,
  includeFields: hook.includeFields,
  metafieldNamespaces: [],
  filter: hook.filter,
  name: null,
  apiVersion: { __typename: 'ApiVersion', handle: API_VERSION, displayName: API_VERSION, supported: true },
  createdAt: utc(hook.createdAtMs),
  updatedAt: utc(hook.createdAtMs),
});

function createHook(shop: Shop, { args }: Call): Node {
  const topic = String(args['topic']);
  const input = (args['webhookSubscription'] ?? {}) as Record<string, unknown>;
  const uri = String(input['uri'] ?? input['callbackUrl'] ?? '');
  const refused = (message: string, field: string): Node => ({
    __typename: 'WebhookSubscriptionCreatePayload',
    webhookSubscription: null,
    userErrors: [{ __typename: 'UserError', field: ['webhookSubscription', field], message }],
  });
  if (!/^https?:\/\/[^\s/]+/.test(uri)) return refused('Address is invalid', 'uri');
  if (shop.hooks.some((hook) => hook.topic === topic && hook.uri === uri))
    return refused('Address for this topic has already been taken', 'uri');
  shop.counters.hooks += 1;
  const hook: HookSubscription = {
    id: gid('WebhookSubscription', shop.ids.hook(shop.counters.hooks)),
    topic,
    uri,
    format: String(input['format'] ?? 'JSON'),
    includeFields: (input['includeFields'] as string[] | undefined) ?? [],
    filter: (input['filter'] as string | undefined) ?? null,
    createdAtMs: shop.book.shelves.nowMs(),
  };
  shop.hooks.push(hook);
  return { __typename: 'WebhookSubscriptionCreatePayload', webhookSubscription: hookNode(hook), userErrors: [] };
}

function deleteHook(shop: Shop, { args }: Call): Node {
  const at = shop.hooks.findIndex(({ id }) => id === args['id']);
  if (at >= 0) shop.hooks.splice(at, 1);
  return {
    __typename: 'WebhookSubscriptionDeletePayload',
    deletedWebhookSubscriptionId: at >= 0 ? args['id'] : null,
    userErrors:
      at >= 0 ? [] : [{ __typename: 'UserError', field: ['id'], message: 'Webhook subscription does not exist' }],
  };
}
