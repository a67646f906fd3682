import type { Doc, Line } from '../../domain/document.ts';
import type { AnyPlatform, Client, Delivery, Signal } from '../contract.ts';
import { Failure } from '../failure.ts';
import { compareRevisions } from '../rev.ts';

/**
 * The least that can listen to a platform: the newest state of every document, fetched where a signal is thin or where it
 * cannot be told which state is newer. It judges nothing and forgives nothing: what it heard is what was said.
 */
export class Listener {
  readonly docs = new Map<string, Doc>();
  readonly signals: Signal[] = [];
  readonly toFetch = new Set<string>();
  /** Documents that were told of at all, by whatever signal. */
  readonly told = new Set<string>();
  fetches = 0;

  constructor(
    private readonly platform: AnyPlatform,
    private readonly client: () => Client,
    private readonly config: () => { account: string },
  ) {}

  /** @throws Error when the same bytes give other signals the second time. */
  decode(delivery: Delivery, topic: string): Signal[] {
    const signals = this.platform.decode(delivery, topic, this.config());
    const again = this.platform.decode(copyOf(delivery), topic, this.config());
    if (JSON.stringify(signals) !== JSON.stringify(again))
      throw new Error(`decoding ${topic} twice gave ${JSON.stringify(signals)} and then ${JSON.stringify(again)}`);
    return signals;
  }

  hear(signals: readonly Signal[]): void {
    for (const signal of signals) {
      this.signals.push(signal);
      if ('account' in signal && signal.account !== this.config().account)
        throw new Error(`a signal names the account ${signal.account}, the settings say ${this.config().account}`);
      if (signal.kind === 'document') {
        this.told.add(signal.doc.doc);
        this.apply(signal.doc);
      } else if (signal.kind === 'document-changed' || signal.kind === 'document-gone') {
        this.told.add(signal.doc);
        this.toFetch.add(signal.doc);
      }
    }
  }

  async fetchAll(): Promise<void> {
    for (const doc of this.toFetch) {
      this.fetches++;
      let state: Doc | 'gone';
      try {
        state = await this.platform.fetchDocument(this.client(), this.config(), doc);
      } catch (error) {
        // The engine asks again later; more than a pause it does not need either.
        if (!(error instanceof Failure && error.failure === 'gone')) throw error;
        state = 'gone';
      }
      this.toFetch.delete(doc);
      const known = this.docs.get(doc);
      if (state !== 'gone') this.docs.set(doc, state);
      else if (known) this.docs.set(doc, withoutCommitments(known));
    }
  }

  private apply(doc: Doc): void {
    const known = this.docs.get(doc.doc);
    if (!known) {
      if (doc.whole) this.docs.set(doc.doc, doc);
      else this.toFetch.add(doc.doc);
      return;
    }
    const order = compareRevisions(this.platform.facts.revision, doc.rev, known.rev);
    if (order === 'older') return;
    const next = doc.whole ? doc : { ...doc, whole: known.whole, lines: merged(known.lines, doc.lines) };
    if (order === 'newer') this.docs.set(doc.doc, next);
    else if (stockOf(next) !== stockOf(known)) this.toFetch.add(doc.doc);
  }
}

export function copyOf(delivery: Delivery): Delivery {
  return { ...delivery, headers: { ...delivery.headers }, body: Uint8Array.from(delivery.body) };
}

/** What of a document concerns stock, whatever the order its parts come in. */
export function stockOf(doc: Doc): string {
  const lines = doc.lines.map((line) => [
    line.line,
    line.listing,
    line.parts
      .map((part) => JSON.stringify([part.location, part.committed, part.out, part.returned, part.taken]))
      .sort(),
  ]);
  return JSON.stringify(lines.sort((a, b) => String(a[0]).localeCompare(String(b[0]))));
}

function merged(known: Line[], told: Line[]): Line[] {
  const newer = new Map(told.map((line) => [line.line, line]));
  const old = new Set(known.map(({ line }) => line));
  return [...known.map((line) => newer.get(line.line) ?? line), ...told.filter(({ line }) => !old.has(line))];
}

const withoutCommitments = (doc: Doc): Doc => ({
  ...doc,
  lines: doc.lines.map((line) => ({ ...line, parts: line.parts.map((part) => ({ ...part, committed: 0 })) })),
});
