/**
 * Parts every stand-in is built from: its stock and orders, its webhook queue, its limits, its routes. A loopback port is
 * `listen` of src/sandbox/listen.ts: no sockets below platform/. What a stand-in needs beyond this list is added to it.
 */
export { ChangeLog } from './change-log.ts';
export { HookSender } from './hook-sender.ts';
export { goneOf, openOf } from './line-units.ts';
export { type Limit, RateLimiter } from './rate-limiter.ts';
export { type Routed, Router } from './router.ts';
export { availableOf } from './shelves.ts';
export { shopperOf } from './shopper.ts';
export { StockBook } from './stock-book.ts';
export type {
  StockEvent,
  StockFulfilment,
  StockItem,
  StockLevel,
  StockLine,
  StockOrder,
  StockPart,
  StockRefund,
} from './stock-types.ts';
