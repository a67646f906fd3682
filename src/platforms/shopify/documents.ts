/**
 * Every GraphQL document we send, against Admin API 2026-10. A test holds each against Shopify's published schema, and holds
 * its cost (mutation 10, object 1, connection 2 + `first` × what is inside) against what facts.ts declares; no query may ask
 * for more than 1,000 points.
 */
export const INSTALLATION = `query OnhandInstallation {
  shop { myshopifyDomain name }
  currentAppInstallation { accessScopes { handle } app { webhookApiVersion } }
}`;

export const LOCATIONS = `query OnhandLocations($after: String) {
  locations(first: 100, after: $after, includeInactive: true) {
    nodes { id name isActive isFulfillmentService }
    pageInfo { hasNextPage endCursor }
  }
}`;

export const LISTINGS = `query OnhandListings($after: String) {
  productVariants(first: 100, after: $after, sortKey: ID) {
    nodes {
      id sku barcode displayName requiresComponents
      inventoryItem { id tracked }
    }
    pageInfo { hasNextPage endCursor }
  }
}`;

export const LEVELS = `query OnhandLevels($location: ID!, $after: String) {
  location(id: $location) {
    inventoryLevels(first: 100, after: $after) {
      nodes {
        updatedAt
        item { id tracked }
        quantities(names: ["available"]) { name quantity }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}`;

export const READ_LEVELS = `query OnhandReadLevels($location: ID!, $ids: [ID!]!) {
  location(id: $location) { id }
  nodes(ids: $ids) {
    ... on InventoryItem {
      id tracked
      inventoryLevel(locationId: $location) {
        updatedAt
        quantities(names: ["available"]) { name quantity }
      }
    }
  }
}`;

export const SET_QUANTITIES = `mutation OnhandSetQuantities($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup {
      id
      changes(quantityNames: ["available"]) { name quantityAfterChange item { id tracked } location { id } }
    }
    userErrors { code field message }
  }
}`;

export const ORDER_FEED = `query OnhandOrderFeed($query: String!, $after: String) {
  orders(first: 100, after: $after, sortKey: UPDATED_AT, query: $query) {
    nodes { id updatedAt }
    pageInfo { hasNextPage endCursor }
  }
}`;

const lines = (after: string) => `lineItems(first: 25${after}) {
    nodes { id sku quantity currentQuantity unfulfilledQuantity variant { id inventoryItem { tracked } } }
    pageInfo { hasNextPage endCursor }
  }`;

const fulfillmentOrders = (after: string) => `fulfillmentOrders(first: 3${after}) {
    nodes {
      id status
      assignedLocation { location { id } }
      lineItems(first: 12) {
        nodes { totalQuantity remainingQuantity lineItem { id } }
        pageInfo { hasNextPage endCursor }
      }
    }
    pageInfo { hasNextPage endCursor }
  }`;

/** All of an order that fits one call; what is longer is read on by those below. */
export const ORDER = `query OnhandOrder($id: ID!) {
  order(id: $id) {
    id updatedAt processedAt cancelledAt confirmed sourceName sourceIdentifier
    displayFinancialStatus displayFulfillmentStatus returnStatus
    retailLocation { id }
    ${lines('')}
    ${fulfillmentOrders('')}
    fulfillments(first: 25) { id status location { id } }
    refunds(first: 25) { id }
  }
}`;

/** Shipments and refunds have no second page, so the whole list is asked for again. */
export const ORDER_LISTS = `query OnhandOrderLists($id: ID!) {
  order(id: $id) {
    updatedAt
    fulfillments(first: 250) { id status location { id } }
    refunds(first: 250) { id }
  }
}`;

export const ORDER_LINES = `query OnhandOrderLines($id: ID!, $after: String) {
  order(id: $id) { updatedAt ${lines(', after: $after')} }
}`;

export const ORDER_PLACES = `query OnhandOrderPlaces($id: ID!, $after: String) {
  order(id: $id) { updatedAt ${fulfillmentOrders(', after: $after')} }
}`;

export const ORDER_RETURNS = `query OnhandOrderReturns($id: ID!, $after: String) {
  order(id: $id) {
    updatedAt
    returns(first: 20, after: $after) {
      nodes {
        id
        refunds(first: 10) { nodes { id } pageInfo { hasNextPage endCursor } }
        reverseFulfillmentOrders(first: 10) { nodes { id } pageInfo { hasNextPage endCursor } }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}`;

/** The lines of shipments, refunds, fulfilment orders and returned parcels of one order, a few at a time. */
export const ORDER_PARTS = `query OnhandOrderParts($id: ID!, $parts: [ID!]!, $after: String) {
  order(id: $id) { updatedAt }
  nodes(ids: $parts) {
    __typename
    ... on Fulfillment {
      id
      fulfillmentLineItems(first: 30, after: $after) {
        nodes { quantity lineItem { id } }
        pageInfo { hasNextPage endCursor }
      }
    }
    ... on Refund {
      id
      refundLineItems(first: 30, after: $after) {
        nodes { quantity restockType location { id } lineItem { id } }
        pageInfo { hasNextPage endCursor }
      }
    }
    ... on FulfillmentOrder {
      id
      lineItems(first: 30, after: $after) {
        nodes { totalQuantity remainingQuantity lineItem { id } }
        pageInfo { hasNextPage endCursor }
      }
    }
    ... on ReverseFulfillmentOrder {
      id
      returnLines: lineItems(first: 30, after: $after) {
        nodes { fulfillmentLineItem { lineItem { id } } dispositions { type quantity location { id } } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}`;

export const HOOKS = `query OnhandHooks($after: String) {
  webhookSubscriptions(first: 100, after: $after) {
    nodes { id topic uri format includeFields filter apiVersion { handle } }
    pageInfo { hasNextPage endCursor }
  }
}`;

export const HOOK_CREATE = `mutation OnhandHookCreate($topic: WebhookSubscriptionTopic!, $hook: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $hook) {
    webhookSubscription { id }
    userErrors { field message }
  }
}`;

export const HOOK_DELETE = `mutation OnhandHookDelete($id: ID!) {
  webhookSubscriptionDelete(id: $id) {
    deletedWebhookSubscriptionId
    userErrors { field message }
  }
}`;
