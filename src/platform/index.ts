/** For authors of platforms: the contract, and what every connector and stand-in is built from. */
export { type Doc, emptyPart, type Line, type Part } from '../domain/document.ts';
export { QUANTITY_MAX, type Quantity, QuantityError, quantity, readQuantity } from '../domain/quantity.ts';
export {
  type BudgetOptions,
  type Budgets,
  createBudgets,
  type Need,
  type Permit,
  type SavedBudgets,
} from './budget.ts';
export { createClient } from './client.ts';
export type { CallEvent, ClientOptions, Exchange } from './client-options.ts';
export { HIDDEN, redactConfig, secret, secretPaths, webAddress } from './config.ts';
export * from './contract.ts';
export { Failure, type FailureClass } from './failure.ts';
export {
  bodyText,
  type HttpRequest,
  type HttpResponse,
  jsonRequest,
  jsonResponse,
  type Transport,
  TransportError,
} from './http.ts';
export { readJson } from './json.ts';
export { type OAuth1Method, oauth1Signature, percentEncode } from './oauth1.ts';
export { compareRevisions } from './rev.ts';
export type { BookRow, BuyLine, Sandbox, SandboxOptions, SeedItem, Shopper, ShownRow } from './sandbox.ts';
export * from './sandbox-kit/index.ts';
export { type HmacRule, hmac, refused, sameSignature, verifyHmac } from './signature.ts';
