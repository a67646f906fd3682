import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const PATIENCE_MS = 30_000;

export interface Ran {
  code: number | null;
  out: string;
  err: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever a command printed, for assertions.
  json: any;
}

/** Builds what the commands run from; at once when it is up to date. */
export const built = () => execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: 'pipe' });

function start(args: string[], env: Record<string, string>): ChildProcess {
  const { PATH = '' } = process.env;
  return spawn(process.execPath, ['bin/onhand.js', ...args], {
    cwd: root,
    env: { PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Runs one command to its end, as a person types it. */
export function onhand(args: string[], env: Record<string, string>): Promise<Ran> {
  const child = start(args, env);
  let [out, err] = ['', ''];
  child.stdout!.on('data', (chunk) => (out += chunk));
  child.stderr!.on('data', (chunk) => (err += chunk));
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`onhand ${args.join(' ')} did not end:\n${out}${err}`));
    }, PATIENCE_MS);
    child.on('close', (code) => {
      clearTimeout(timer);
      let json: unknown;
      try {
        json = JSON.parse(out);
      } catch {
        json = undefined;
      }
      resolve({ code, out, err, json });
    });
  });
}

export interface Running {
  /** What it printed first, as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  ready: any;
  said: () => string;
  /** As Ctrl-C does. @returns its exit code */
  end(): Promise<number | null>;
}

/** Starts a command that keeps running, and waits until it has printed a whole JSON value. */
export function running(args: string[], env: Record<string, string>): Promise<Running> {
  const child = start(args, env);
  const closed = new Promise<number | null>((resolve) => child.on('close', resolve));
  let [out, err] = ['', ''];
  child.stderr!.on('data', (chunk) => (err += chunk));
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`onhand ${args.join(' ')} said nothing:\n${out}${err}`));
    }, PATIENCE_MS);
    child.stdout!.on('data', (chunk) => {
      out += chunk;
      try {
        const ready = JSON.parse(out);
        clearTimeout(timer);
        const end = async () => {
          child.kill('SIGINT');
          return closed;
        };
        resolve({ ready, said: () => out + err, end });
      } catch {}
    });
    child.on('close', () => reject(new Error(`onhand ${args.join(' ')} ended:\n${out}${err}`)));
  });
}
