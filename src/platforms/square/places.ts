import { z } from 'zod';
import type { RemoteLocation } from '../../platform/contract.ts';
import { type Answer, ask, type SquareClient } from './api.ts';
import type { SquareConfig } from './config.ts';

const answer = z.object({
  locations: z
    .array(z.object({ id: z.string().min(1), name: z.string().nullish(), status: z.string().nullish() }))
    .nullish(),
});

/** Every location, closed ones too: their old orders may still change. Square does not page them (300 at most). */
export async function readLocations(client: SquareClient, config: SquareConfig): Promise<Answer<RemoteLocation[]>> {
  const { data, startedMs } = await ask(client, config, 'locations', { method: 'GET', path: '/v2/locations' }, answer);
  return {
    data: (data.locations ?? []).map(({ id, name, status }) => ({
      location: id,
      name: name?.trim() || id,
      active: (status ?? 'ACTIVE') === 'ACTIVE',
    })),
    startedMs,
  };
}
