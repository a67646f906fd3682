import { setRecipe } from '../store/catalogue.ts';
import { markAccountDirty } from '../store/planning.ts';
import { type Account, iso } from './context.ts';
import type { Engine } from './engine.ts';
import { findItem } from './stock.ts';
import { postMapped } from './unmapped.ts';
import { UserError } from './user-error.ts';

/**
 * A person says what one unit of a listing takes: one item, a bundle, or several units per sale. What was shipped keeps
 * the recipe it was sold with; what was sold while it was not mapped is posted now; what the channel shows is computed again.
 */
export async function mapListing(
  engine: Engine,
  account: Account,
  listing: string,
  parts: { sku: string; num: number; den: number }[],
): Promise<{ listing: string; parts: number }> {
  const { context } = engine;
  const at = iso(context.clock.now());
  await context.db.transaction(async (tx) => {
    const recipe = [];
    for (const { sku, num, den } of parts) recipe.push({ item: (await findItem(tx, sku)).id, num, den });
    if (!(await setRecipe(tx, account.row.id, listing, recipe)))
      throw new UserError(
        'unknown-listing',
        `${account.row.key} has no listing "${listing}".`,
        'New listings are found hourly; "onhand channel check" lists what is not mapped.',
        404,
      );
    await markAccountDirty(tx, account.row.id, at);
  });
  await postMapped(context, account);
  engine.stockMoved();
  return { listing, parts: parts.length };
}
