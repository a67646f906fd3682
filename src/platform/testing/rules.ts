import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, it, type TestContext } from 'vitest';
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

class Absent extends Error {}

/** Declares rules as tests, and keeps what became of them. */
export class Rules {
  readonly rows: RuleRow[] = [];
  private readonly known = new Set<string>();

  constructor(
    private readonly platform: AnyPlatform,
    private readonly cases: Cases,
  ) {}

  /** @param name stable: exemptions refer to it. */
  rule(title: string, group: Group, name: string, body: (context: RuleContext) => Promise<void> | void): void {
    this.known.add(name);
    const reason = this.cases.exempt?.[name];
    it(`${title}${reason === undefined ? '' : ` (exempt: ${reason})`}`, async (test) => {
      const row: RuleRow = { platform: this.platform.facts.id, group, rule: name, result: 'broken', note: '' };
      this.rows.push(row);
      const benches: Bench[] = [];
      const context: RuleContext = {
        platform: this.platform,
        cases: this.cases,
        open: async (options) => {
          const bench = await Bench.open(this.platform, options);
          benches.push(bench);
          return bench;
        },
        note: (text) => {
          row.note = text;
        },
        absent: (why) => {
          throw new Absent(why);
        },
      };
      try {
        await body(context);
        if (reason !== undefined)
          throw new Error(`The rule "${name}" is exempt ("${reason}") and holds all the same: take the exemption out.`);
        row.result = 'holds';
      } catch (error) {
        if (error instanceof Absent) return skipped(test, row, error.message);
        row.note ||= error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
        if (reason === undefined || row.note.includes('take the exemption out')) throw error;
        row.result = 'exempt';
        row.note = reason;
      } finally {
        for (const bench of benches) bench.close();
      }
    });
  }

  /** After all rules were declared. */
  finish(): void {
    it('exempts only rules that there are', () => {
      const unknown = Object.keys(this.cases.exempt ?? {}).filter((name) => !this.known.has(name));
      if (unknown.length > 0) throw new Error(`There are no rules called ${unknown.join(', ')}`);
    });
    afterAll(() => {
      mkdirSync(rowsFolder(), { recursive: true });
      writeFileSync(join(rowsFolder(), `${this.platform.facts.id}.json`), JSON.stringify(this.rows, null, 1));
    });
  }
}

/** Where the rows of each platform's last run lie; `scripts/contract-table.mjs` prints them. */
const rowsFolder = (): string => join(tmpdir(), 'onhand-contract');

function skipped(test: TestContext, row: RuleRow, why: string): void {
  row.result = 'absent';
  row.note = why;
  test.skip(why);
}
