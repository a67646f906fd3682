import { z } from 'zod';
import type { RemoteLocation } from '../../../platform/contract.ts';
import { ask, type Cin7Client, query } from '../api.ts';
import type { Cin7Config } from '../config.ts';

const LIMIT = 500;
const text = z.string().nullish();
const id = z.string().min(1);

const answer = z.object({
  LocationList: z
    .array(
      z.object({
        ID: id,
        Name: text,
        IsDeprecated: z.boolean().nullish(),
        ParentID: text,
        Bins: z.array(z.object({ ID: id, Name: text })).nullish(),
      }),
    )
    .nullish(),
  Total: z.number().nullish(),
});

/** Core's papers name places by name, by ID, or by the ID of a bin in them. A cell's place is the location. */
export interface Places {
  all: RemoteLocation[];
  byName: Map<string, string>;
  byId: Map<string, string>;
}

/** A client stands for one account. */
const known = new WeakMap<Cin7Client, Places>();

export async function readPlaces(client: Cin7Client, config: Cin7Config): Promise<Places> {
  const places: Places = { all: [], byName: new Map(), byId: new Map() };
  for (let Page = 1; ; Page++) {
    const path = `/ref/location${query({ Page, Limit: LIMIT })}`;
    const { data } = await ask(client, config, 'locations', { path }, answer);
    const rows = data.LocationList ?? [];
    for (const row of rows) {
      const of = lower(row.ParentID || row.ID);
      places.byId.set(lower(row.ID), of);
      for (const bin of row.Bins ?? []) places.byId.set(lower(bin.ID), of);
      const name = row.Name?.trim();
      if (name) places.byName.set(lower(name), of);
      // A bin that stands in the list as a place of its own is none.
      if (!row.ParentID) places.all.push({ location: of, name: name || row.ID, active: row.IsDeprecated !== true });
    }
    if (rows.length < LIMIT) break;
  }
  known.set(client, places);
  return places;
}

const lower = (word: string): string => word.toLowerCase();

/** The place that a paper names; null when it names none. One that is not known yet makes the list be read again. */
export async function placeFinder(
  client: Cin7Client,
  config: Cin7Config,
): Promise<(names: { id?: string | null; name?: string | null }) => Promise<string | null>> {
  let places = known.get(client) ?? (await readPlaces(client, config));
  let isFresh = false;
  return async ({ id: told, name }) => {
    const find = () => {
      const byId = told ? places.byId.get(lower(told)) : undefined;
      return byId ?? (name ? places.byName.get(lower(name.trim())) : undefined);
    };
    if (!told && !name) return null;
    if (find() === undefined && !isFresh) {
      places = await readPlaces(client, config);
      isFresh = true;
    }
    return find() ?? null;
  };
}
