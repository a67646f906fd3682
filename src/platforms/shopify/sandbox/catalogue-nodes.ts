import { availableOf, type StockItem, type StockLevel } from '../../../platform/sandbox-kit/index.ts';
import { connect } from './connection.ts';
import { gid, readGid, seqOf } from './ids.ts';
import type { Call, Node } from './run.ts';
import { isStockedAt, notesOf, type Shop, type ShopLocation, utc } from './shop.ts';

/** Locations, variants, inventory items and their levels as the API shows them. Members are functions where they lead on. */
export class CatalogueNodes {
  constructor(private readonly shop: Shop) {}

  location(place: ShopLocation): Node {
    const { shop } = this;
    const stocked = () => shop.book.shelves.items.filter((item) => isStockedAt(item, place.id));
    return {
      __typename: 'Location',
      id: gid('Location', place.id),
      legacyResourceId: place.id,
      name: place.name,
      isActive: place.isActive,
      isFulfillmentService: place.isFulfillmentService,
      fulfillsOnlineOrders: place.isActive,
      shipsInventory: place.isActive,
      inventoryLevels: (call: Call) =>
        connect('InventoryLevel', stocked(), (item) => this.level(this.levelOf(item, place.id)!))(call),
      inventoryLevel: ({ args }: Call) => this.maybeLevel(this.itemOf(args['inventoryItemId']), place.id),
    };
  }

  place(location: string): ShopLocation | undefined {
    return this.shop.locations.find(({ id }) => id === location);
  }

  locationOf(id: unknown): Node | null {
    const found = this.place(readGid(id)?.id ?? '');
    return found ? this.location(found) : null;
  }

  itemOf(id: unknown): StockItem | undefined {
    const read = readGid(id);
    return read?.kind === 'InventoryItem' ? this.shop.book.shelves.itemById(read.id) : undefined;
  }

  variantOf(id: unknown): StockItem | undefined {
    const read = readGid(id);
    const item = read?.kind === 'ProductVariant' ? this.shop.book.shelves.items[seqOf(read.id) - 1] : undefined;
    return item && this.shop.ids.variant(item.seq) === read?.id ? item : undefined;
  }

  item(item: StockItem): Node {
    const { shop } = this;
    const levels = () => item.levels.filter(({ location }) => isStockedAt(item, location));
    return {
      __typename: 'InventoryItem',
      id: gid('InventoryItem', item.id),
      legacyResourceId: item.id,
      sku: item.sku,
      tracked: item.tracked,
      duplicateSkuCount: 0,
      requiresShipping: true,
      createdAt: utc(item.levels[0]!.changedAtMs),
      updatedAt: utc(Math.max(...item.levels.map(({ changedAtMs }) => changedAtMs))),
      variant: () => this.variant(item),
      variants: connect('ProductVariant', [item], (one) => this.variant(one)),
      inventoryLevel: ({ args }: Call) => this.maybeLevel(item, readGid(args['locationId'])?.id ?? ''),
      inventoryLevels: (call: Call) => connect('InventoryLevel', levels(), (level) => this.level(level))(call),
      locationsCount: { __typename: 'Count', count: shop.locations.length, precision: 'EXACT' },
    };
  }

  variant(item: StockItem): Node {
    const { ids, book } = this.shop;
    const id = ids.variant(item.seq);
    return {
      __typename: 'ProductVariant',
      id: gid('ProductVariant', id),
      legacyResourceId: id,
      sku: item.sku,
      barcode: null,
      title: 'Default Title',
      displayName: item.title,
      price: '10.00',
      inventoryPolicy: 'DENY',
      inventoryQuantity: () => item.levels.reduce((sum, level) => sum + availableOf(level), 0),
      requiresComponents: notesOf(item).isBundle ?? false,
      updatedAt: utc(book.shelves.nowMs()),
      inventoryItem: () => this.item(item),
      product: () => ({
        __typename: 'Product',
        id: gid('Product', ids.product(item.seq)),
        legacyResourceId: ids.product(item.seq),
        title: item.title,
        status: 'ACTIVE',
        isGiftCard: false,
        variants: connect('ProductVariant', [item], (one) => this.variant(one)),
      }),
    };
  }

  private levelOf(item: StockItem, location: string): StockLevel | undefined {
    return isStockedAt(item, location) ? this.shop.book.shelves.level(item, location) : undefined;
  }

  private maybeLevel(item: StockItem | undefined, location: string): Node | null {
    const level = item && this.levelOf(item, location);
    return level && this.place(location) ? this.level(level) : null;
  }

  level(level: StockLevel): Node {
    const { item, location } = level;
    return {
      __typename: 'InventoryLevel',
      id: `${gid('InventoryLevel', location)}?inventory_item_id=${item.id}`,
      isActive: true,
      updatedAt: utc(level.changedAtMs),
      item: () => this.item(item),
      location: () => this.location(this.place(location)!),
      quantities: ({ args }: Call) =>
        ((args['names'] as string[] | undefined) ?? []).map((name) => quantity(level, name)),
    };
  }
}

function quantity(level: StockLevel, name: string): Node {
  const counts: Record<string, number> = {
    available: availableOf(level),
    on_hand: level.onHand,
    committed: level.committed,
    safety_stock: level.safety,
  };
  return {
    __typename: 'InventoryQuantity',
    id: `${gid('InventoryQuantity', `${level.location}-${name}`)}?inventory_item_id=${level.item.id}`,
    name,
    // Whole units: Shopify knows no others.
    quantity: level.item.tracked ? Math.trunc(counts[name] ?? 0) : 0,
    updatedAt: utc(level.changedAtMs),
  };
}
