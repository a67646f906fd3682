import { z } from 'zod';

/** What a person chooses per channel. Every choice has the safe answer as its default. */
export const channelSettings = z.object({
  moment: z
    .enum(['created', 'paid', 'fulfilled'])
    .default('created')
    .describe(
      'Which moment of a sale lowers the ledger. "created" promises stock at once; "paid" waits for the money.',
    ),
  returns: z
    .enum(['level', 'ask', 'back', 'not-back'])
    .default('level')
    .describe(
      'What to do with refunded units when the platform does not say where they went: wait until its own stock shows them, ask, or always/never put them back.',
    ),
  repair: z
    .enum(['ask', 'ledger', 'channel'])
    .default('ask')
    .describe(
      'Who is right when a number on the channel is explained by nothing: ask a person, the ledger, or the channel.',
    ),
  policy: z
    .object({
      buffer: z.number().min(0).optional().describe('Units kept back from this channel.'),
      cap: z.number().min(0).optional().describe('Never show more than this.'),
      percent: z.number().min(0).max(100).optional().describe('Share of what is left after the buffer, 0 to 100.'),
    })
    .default({}),
  copiesFrom: z
    .array(z.string())
    .default([])
    .describe('Other systems whose orders are copied into this one (their name as this platform prints it).'),
});

export type ChannelSettings = z.infer<typeof channelSettings>;
