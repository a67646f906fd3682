import type { Account, EngineContext } from './context.ts';
import type { Intake } from './intake.ts';

/** How long a platform's empty queue rests when its receive call does not wait itself. */
const EMPTY_MS = 1_000;

/** Reads the queue of platforms that have one instead of webhooks: stored first, acknowledged after. */
export class QueueReader {
  constructor(
    private readonly context: EngineContext,
    private readonly intake: Intake,
  ) {}

  /** @returns milliseconds to rest */
  async round(account: Account): Promise<number> {
    const { platform, client, config } = account;
    if (!platform.receive || !platform.acknowledge) return 60_000;
    const messages = await platform.receive(client, config);
    if (messages.length === 0) return EMPTY_MS;
    const answers = await Promise.all(messages.map((message) => this.intake.accept(account, message.delivery)));
    const refused = answers.filter((answer) => answer.status >= 400);
    if (refused.length > 0)
      this.context.log.warn(
        { account: account.row.key, refused: refused.length, why: refused[0]?.body },
        'messages on our own queue that are not for us; they are acknowledged and dropped',
      );
    // All are durable, or refused for good: a message that can never be verified would come back for ever.
    await platform.acknowledge(
      client,
      config,
      messages.map((message) => message.handle),
    );
    return 0;
  }
}
