import type { Doc, Line, Part } from '../../domain/document.ts';
import { emptyPart } from '../../domain/document.ts';
import { type Quantity, quantity, readQuantity } from '../../domain/quantity.ts';
import { type LightspeedXConfig, UNCOUNTED_SALES } from './config.ts';
import type { Sale } from './sale.ts';

/** What counting needs of the settings; one recorded webhook is looked at with as few as there are. */
type Rules = Pick<LightspeedXConfig, 'account'> & Partial<Pick<LightspeedXConfig, 'uncountedSales' | 'returnsGoBack'>>;

/**
 * One sale as the state of its document. A return is a sale of its own with quantities below zero; an exchange has both.
 * Lightspeed's level is what is available to sell: it has fallen by everything counted here.
 * @throws QuantityError on a quantity that no stock can have.
 */
export function docOf(sale: Sale, config: Rules, account = config.account): Doc {
  const holds = stageOf(sale, config);
  return {
    account,
    doc: `sale:${sale.id}`,
    rev: sale.version,
    whole: true,
    ...(sale.origin && { origin: sale.origin }),
    saleAt: sale.saleAt,
    paid: sale.state === 'closed',
    state: sale.word,
    lines: sale.lines.flatMap((line, index): Line[] => {
      // Lines without a product have no stock: notes, charges of a web shop.
      if (line.product === null) return [];
      const location = line.outlet ?? sale.outlet;
      const units = readQuantity(line.quantity);
      const part: Part = { ...emptyPart, location, ...share(units, holds, config) };
      return [{ line: line.id ?? `${line.product}@${index}`, listing: line.product, parts: [part] }];
    }),
  };
}

/** What a sale in this state asks of stock. */
type Stage = 'nothing' | 'promised' | 'gone';

/**
 * Closed is gone. Of the open ones: on account was handed over and is only not paid; layby, pickup and delivery wait in the
 * shop. Which open ones have taken stock at all is a setting, because Lightspeed does not say.
 */
function stageOf({ state, attributes }: Sale, { uncountedSales = UNCOUNTED_SALES }: Rules): Stage {
  if (state === 'closed') return 'gone';
  if (state !== 'pending') return 'nothing';
  const kinds: readonly string[] = attributes.length > 0 ? attributes : ['open'];
  const uncounted: readonly string[] = uncountedSales;
  if (kinds.some((kind) => uncounted.includes(kind))) return 'nothing';
  return kinds.every((kind) => kind === 'onaccount') ? 'gone' : 'promised';
}

function share(units: Quantity, stage: Stage, { returnsGoBack = true }: Rules): Partial<Part> {
  if (stage === 'nothing' || units === 0) return {};
  if (units > 0) return stage === 'gone' ? { out: units, taken: units } : { committed: units, taken: units };
  // Goods coming back are there when the return is closed, not while it waits.
  if (stage !== 'gone') return {};
  return returnsGoBack ? { out: units, taken: units } : { returned: quantity(-units) };
}
