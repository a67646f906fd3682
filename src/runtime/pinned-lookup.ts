import { type LookupAddress, lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { addressKind } from './network-address.ts';

/** The operator has not allowed this; says what to write where. */
export class Refusal extends Error {
  readonly code = 'ADDRESS_REFUSED';
}

/** Hosts written as addresses are never looked up, so they are judged by this. undefined: go on. */
export function refusalOf(hostname: string, insideToo: boolean): Refusal | undefined {
  const bare = hostname.replace(/^\[|\]$/g, '');
  return isIP(bare) && !mayReach(bare, insideToo) ? refusal(hostname, bare) : undefined;
}

/**
 * A look-up for net.connect that gives only addresses we may reach. The socket connects to what it gives and nothing
 * else: the name is resolved once, judged, and used.
 */
export function lookupWhere(insideToo: boolean, resolve: typeof lookup = lookup): LookupFunction {
  return (hostname, options, done) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error) return done(error, '', 0);
      const addresses = found as LookupAddress[];
      const reachable = addresses.filter(({ address }) => mayReach(address, insideToo));
      const [first] = reachable;
      if (!first) return done(refusal(hostname, addresses[0]?.address ?? 'no address'), '', 0);
      if (options.all) (done as (error: null, addresses: LookupAddress[]) => void)(null, reachable);
      else done(null, first.address, first.family);
    });
  };
}

function mayReach(address: string, insideToo: boolean): boolean {
  const kind = addressKind(address);
  return kind === 'public' || (kind === 'inside' && insideToo);
}

function refusal(hostname: string, address: string): Refusal {
  return new Refusal(
    addressKind(address) === 'inside'
      ? `${hostname} leads into our own network (${address}). If it is meant, add it to ONHAND_ALLOW_PRIVATE_HOSTS.`
      : `${hostname} leads to ${address}, where no shop can be.`,
  );
}
