import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, it } from 'vitest';
import type { AnyPlatform, Delivery } from '../contract.ts';
import { Bench, type BenchOptions } from './bench.ts';

/** Columns of the table that is printed after a run. */
export const GROUPS = [
  'facts',
  'reading',
  'paging',
  'push',
  'partial failure',
  'settle',
  'echo',
  'order effects',
  'signatures',
  'feeds',
  'failures',
  'limits',
  'renewal',
  'wire',
] as const;
export type Group = (typeof GROUPS)[number];

export interface Cases {
  /** Rules that cannot hold at this vendor, each with the reason. One that holds after all is a failing test. */
  exempt?: Record<string, string>;
  /** Enough that listings and levels need more than one page. Default 130. */
  pagingItems?: number;
  /** Enough that the order feed needs more than one page. Default 130. */
  pagingOrders?: number;
  /** Set-up traffic that must be answered and change nothing (a ping, an echo request). */
  handshakes?: (bench: Bench) => { name: string; delivery: Delivery }[];
  /** Settings that the platform refuses when called. Default: every secret replaced. */
  wrongConfig?: (config: Record<string, unknown>) => Record<string, unknown>;
  /** A stock key of the right form that does not exist. Default: digits stay digits. */
  unknownStockKey?: (known: string) => string;
  /** What takes our access away in the stand-in (uninstalling, revoking). */
  loseAccess?: (bench: Bench) => void;
}

export interface RuleRow {
  platform: string;
  group: Group;
  rule: string;
  result: 'holds' | 'broken' | 'exempt' | 'absent';
  note: string;
}

/** Handed to the body of each rule. */
export interface RuleContext {
  platform: AnyPlatform;
  cases: Cases;
  open: (options?: BenchOptions) => Promise<Bench>;
  /** A figure worth showing in the table. */
  note: (text: string) => void;
  /** The platform has no such thing: ends the rule, visibly skipped. */
  absent: (why: string) => never;
}

interface Rule {
  title: string;
  group: Group;
  name: string;
  body: (context: RuleContext) => Promise<void> | void;
}

class Absent extends Error {}

/** The rules, and what becomes of them when a platform is held against them. */
export class Rules {
  private readonly rules: Rule[] = [];

  /** @param name stable: exemptions refer to it. */
  rule(title: string, group: Group, name: string, body: Rule['body']): void {
    this.rules.push({ title, group, name, body });
  }

  /** Holds one platform against one rule. @throws whatever the rule throws; "absent" is an answer. */
  async hold(name: string, platform: AnyPlatform, cases: Cases, note: (text: string) => void = () => {}) {
    const rule = this.rules.find((one) => one.name === name);
    if (!rule) throw new Error(`There is no rule called ${name}`);
    const benches: Bench[] = [];
    try {
      await rule.body({
        platform,
        cases,
        note,
        open: async (options) => {
          const bench = await Bench.open(platform, options);
          benches.push(bench);
          return bench;
        },
        absent: (why) => {
          throw new Absent(why);
        },
      });
      return { result: 'holds' as const };
    } catch (error) {
      if (error instanceof Absent) return { result: 'absent' as const, why: error.message };
      throw error;
    } finally {
      for (const bench of benches) bench.close();
    }
  }

  /** Declares every rule as a test, and leaves the rows of the run. */
  declare(platform: AnyPlatform, cases: Cases): void {
    const { exempt = {} } = cases;
    const rows: RuleRow[] = [];
    for (const { name, group, title } of this.rules) {
      const reason = exempt[name];
      it(`${title}${reason === undefined ? '' : ` (exempt: ${reason})`}`, async (test) => {
        const row: RuleRow = { platform: platform.facts.id, group, rule: name, result: 'broken', note: '' };
        rows.push(row);
        const held = await this.hold(name, platform, cases, (text) => {
          row.note = text;
        }).catch((error: unknown) => ({ result: 'broken' as const, error }));
        if (held.result === 'absent') {
          Object.assign(row, { result: 'absent', note: held.why });
          test.skip(held.why);
        }
        if (reason !== undefined && held.result === 'holds')
          throw new Error(`The rule "${name}" is exempt ("${reason}") and holds all the same: take the exemption out.`);
        if (reason !== undefined) return void Object.assign(row, { result: 'exempt', note: reason });
        if (held.result === 'broken') throw held.error;
        row.result = 'holds';
      });
    }
    it('exempts only rules that there are', () => {
      const unknown = Object.keys(exempt).filter((name) => !this.rules.some((rule) => rule.name === name));
      if (unknown.length > 0) throw new Error(`There are no rules called ${unknown.join(', ')}`);
    });
    afterAll(() => {
      mkdirSync(rowsFolder(), { recursive: true });
      writeFileSync(join(rowsFolder(), `${platform.facts.id}.json`), JSON.stringify(rows, null, 1));
    });
  }
}

/** Where the rows of each platform's last run lie; `scripts/contract-table.mjs` prints them. */
const rowsFolder = (): string => join(tmpdir(), 'onhand-contract');
