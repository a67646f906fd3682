import type { FastifyInstance, FastifyRequest } from 'fastify';
import { UserError } from '../../engine/user-error.ts';
import { needs } from '../../http/keys.ts';
import { cutHooks } from './cut-hooks.ts';
import { editByHand } from './edit-by-hand.ts';
import { killEngine } from './kill-engine.ts';
import { sellTwice } from './sell-twice.ts';
import { type Button, type Stage, type Told, TooLate } from './stage.ts';

/** A button as the page draws it. */
export interface ButtonNow {
  id: string;
  label: string;
  does: string;
  /** What it is at; null: it waits to be pressed. */
  doing: string | null;
  /** What came of the last press. */
  told: (Omit<Told, 'sku'> & { sku: string | null; at: string }) | null;
}

/** The demo's buttons, outside of the process that one of them kills. One works at a time. */
export class Buttons {
  private readonly buttons: Button[];
  private readonly told = new Map<string, ButtonNow['told']>();
  private working: { id: string; doing: string; end: Promise<void> } | null = null;

  constructor(private readonly stage: Omit<Stage, 'doing'>) {
    this.buttons = [sellTwice, ...cutHooks(stage.world), editByHand, killEngine];
  }

  list(): ButtonNow[] {
    return this.buttons.map((button) => ({
      id: button.id,
      label: button.label(),
      does: button.does(),
      doing: this.working?.id === button.id ? this.working.doing : null,
      told: this.told.get(button.id) ?? null,
    }));
  }

  /** Begins; {@link list} says how far it is and what came of it. @throws UserError */
  press(id: string): void {
    const button = this.buttons.find((one) => one.id === id);
    if (!button)
      throw new UserError(
        'unknown-button',
        `There is no button "${id}".`,
        `There are: ${this.buttons.map((one) => one.id).join(', ')}.`,
        404,
      );
    if (this.working)
      throw new UserError(
        'button-busy',
        `"${this.working.id}" is at work.`,
        'Press again when it has said what came of it.',
        409,
      );
    const working = { id, doing: 'Begins.', end: Promise.resolve() };
    this.working = working;
    this.told.delete(id);
    working.end = this.act(button, (text) => {
      working.doing = text;
    });
  }

  /** Resolves when nothing is at work any more. */
  async idle(): Promise<void> {
    await this.working?.end;
  }

  private async act(button: Button, doing: Stage['doing']): Promise<void> {
    const { stage } = this;
    const at = () => new Date(stage.clock.now()).toISOString();
    // Without a copy: its engine is another one after a restart.
    const told = await button
      .press(Object.assign(Object.create(stage) as Omit<Stage, 'doing'>, { doing }))
      .catch((error: Error) => ({
        sku: null,
        said: `Not this time: ${error.message}${error instanceof TooLate ? '' : ' (press again)'}.`,
      }));
    this.told.set(button.id, { ...told, at: at() });
    this.working = null;
  }
}

/** `GET /demo` draws the buttons, `POST /demo/:id` presses one: both for the page of the demo alone. */
export const demoRoutes = (buttons: Buttons, db: Stage['db']) => async (server: FastifyInstance) => {
  const list = () => ({ buttons: buttons.list() });
  server.get('/demo', { onRequest: needs(db, 'read'), schema: { hide: true } }, list);
  server.post(
    '/demo/:id',
    { onRequest: [fromThePage, needs(db, 'operate')], schema: { hide: true } },
    (request, reply) => {
      buttons.press((request.params as { id: string }).id);
      return reply.code(202).send(list());
    },
  );
};

/** The browser itself vouches that the demo's own page asks, and nobody else's: then its cookie may press, too. */
async function fromThePage(request: FastifyRequest): Promise<void> {
  if (request.headers['sec-fetch-site'] !== 'same-origin') return;
  const key = /(?:^|;\s*)onhand_key=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1];
  if (key) request.headers.authorization ??= `Bearer ${key}`;
}
