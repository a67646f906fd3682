import type { Queryable, Statement } from './database.ts';

const acquireStatement: Statement = {
  name: 'lease-acquire',
  text: `insert into lease (name, holder, epoch, expires_at) values ($1, $2, 1, clock() + make_interval(secs => $3::float8))
    on conflict (name) do update set holder = excluded.holder, epoch = lease.epoch + 1, expires_at = excluded.expires_at
      where lease.expires_at < clock() or lease.holder = excluded.holder
    returning epoch, budgets`,
};
/** One holder at a time, by the database's clock. undefined: somebody else has it. The epoch fences what the last one left. */
export async function acquireLease(
  db: Queryable,
  name: string,
  holder: string,
  ttlMs: number,
): Promise<{ epoch: number; budgets: unknown } | undefined> {
  return (await db.query<{ epoch: number; budgets: unknown }>(acquireStatement, [name, holder, ttlMs / 1000]))[0];
}

const renewStatement: Statement = {
  name: 'lease-renew',
  text: `update lease set expires_at = clock() + make_interval(secs => $4::float8), budgets = $5::jsonb
    where name = $1 and holder = $2 and epoch = $3 and expires_at > clock() returning 1 as held`,
};
/** false: it was lost; stop sending at once. What was spent of the budgets travels with the lease. */
export async function renewLease(
  db: Queryable,
  lease: { name: string; holder: string; epoch: number },
  ttlMs: number,
  budgets: unknown,
): Promise<boolean> {
  const rows = await db.query(renewStatement, [
    lease.name,
    lease.holder,
    lease.epoch,
    ttlMs / 1000,
    budgets === undefined ? null : JSON.stringify(budgets),
  ]);
  return rows.length > 0;
}

const releaseStatement: Statement = {
  name: 'lease-release',
  text: `update lease set expires_at = clock() - interval '1 second', budgets = $4::jsonb
    where name = $1 and holder = $2 and epoch = $3`,
};
export async function releaseLease(
  db: Queryable,
  lease: { name: string; holder: string; epoch: number },
  budgets: unknown,
): Promise<void> {
  await db.query(releaseStatement, [lease.name, lease.holder, lease.epoch, JSON.stringify(budgets)]);
}

const expireAll: Statement = {
  name: 'leases-expire',
  text: `update lease set expires_at = clock() - interval '1 second'`,
};
/** For an embedded store only: its folder lock already proves that no other process lives. */
export async function expireLeases(db: Queryable): Promise<void> {
  await db.query(expireAll);
}

const held: Statement = { name: 'leases-held', text: 'select name from lease where expires_at > clock()' };
/** Names of all leases that somebody holds now. */
export async function heldLeases(db: Queryable): Promise<string[]> {
  return (await db.query<{ name: string }>(held)).map(({ name }) => name);
}
