/** Parts every stand-in is built from: its stock and orders, its webhook queue, its limits, its routes. Its loopback port is `listen` of src/sandbox/listen.ts: no sockets below platform/. */
export { type Hook, type HookAttempt, type HookPlan, HookSender } from './hook-sender.ts';
export { goneOf, type LineUnits, openOf } from './line-units.ts';
export { type Limit, RateLimiter, type Taken } from './rate-limiter.ts';
export { type Routed, Router } from './router.ts';
export { availableOf } from './shelves.ts';
export { shopperOf } from './shopper.ts';
export { StockBook } from './stock-book.ts';
export type {
  JournalRow,
  SellPolicy,
  StockCause,
  StockEvent,
  StockFulfilment,
  StockItem,
  StockLevel,
  StockLine,
  StockOrder,
  StockPart,
  StockRefund,
} from './stock-types.ts';
