import type { AnyPlatform, Budget, Facts, FeedFacts } from './contract.ts';

/**
 * The platform in a world that runs `factor` times faster: rates are multiplied, delays divided, nothing else changes.
 * Demo and simulation use it so that the vendor's own proportions hold while a day passes in minutes.
 */
export function scalePlatform(platform: AnyPlatform, factor: number): AnyPlatform {
  return factor === 1 ? platform : { ...platform, facts: scaleFacts(platform.facts, factor) };
}

function scaleFacts(facts: Facts, factor: number): Facts {
  return {
    ...facts,
    budgets: mapValues(facts.budgets, (budget) => scaleBudget(budget, factor)),
    push: { ...facts.push, visibleAfterMs: facts.push.visibleAfterMs / factor },
    hooks: { ...facts.hooks, silentAfterMs: facts.hooks.silentAfterMs / factor },
    feeds: mapValues(
      facts.feeds,
      (feed): FeedFacts => ({
        ...feed,
        everyMs: feed.everyMs / factor,
        everyMsAlone: feed.everyMsAlone / factor,
        lagMs: feed.lagMs / factor,
      }),
    ),
  };
}

function scaleBudget(budget: Budget, factor: number): Budget {
  switch (budget.kind) {
    case 'tokens':
    case 'cost':
      return { ...budget, perSecond: budget.perSecond * factor };
    case 'quota':
      return { ...budget, perMs: budget.perMs / factor };
    case 'in-flight':
      return budget;
  }
}

function mapValues<V, W>(record: Record<string, V>, change: (value: V) => W): Record<string, W> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
