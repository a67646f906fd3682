import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const LAST_WORDS = 40;

/** `onhand` as people run it: the compiled program, started again and again with the same settings. */
export class ServeProcess {
  private child: ChildProcess | undefined;
  private said: string[] = [];

  constructor(
    private readonly program: string,
    private readonly settings: Record<string, string>,
  ) {}

  private get env(): NodeJS.ProcessEnv {
    return { PATH: process.env['PATH'], ...this.settings };
  }

  /** Runs another command of the program to its end. @returns what it printed */
  async command(...words: string[]): Promise<string> {
    return (await promisify(execFile)(process.execPath, [this.program, ...words], { env: this.env })).stdout;
  }

  /** Starts `serve`; `ready` resolves when it says that it is, and rejects when it ends before (a kill included). */
  start(): { ready: Promise<void> } {
    const child = spawn(process.execPath, [this.program, 'serve'], {
      env: this.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    this.said = [];
    const ready = new Promise<void>((resolve, reject) => {
      child.once('exit', (code, signal) =>
        reject(new Error(`serve ended (${code ?? signal}) before it was ready:\n${this.said.join('\n')}`)),
      );
      createInterface({ input: child.stdout! }).on('line', (line) => {
        if (line.includes('"ready":true')) resolve();
        this.keep(line);
      });
    });
    ready.catch(() => {});
    createInterface({ input: child.stderr! }).on('line', (line) => this.keep(line));
    return { ready };
  }

  /** kill -9, and nothing else; resolves when the process is gone. */
  kill(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    return this.end('SIGKILL');
  }

  /** As Ctrl-C or a service manager ends it. */
  stop(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    return this.end('SIGTERM');
  }

  /** The last lines it printed. */
  lastWords(): string {
    return this.said.join('\n');
  }

  private end(signal: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    const child = this.child;
    if (!child) return Promise.resolve({ code: null, signal: null });
    return new Promise((resolve) => {
      const done = () => resolve({ code: child.exitCode, signal: child.signalCode });
      if (child.exitCode !== null || child.signalCode !== null) return done();
      child.once('exit', done);
      child.kill(signal);
    });
  }

  private keep(line: string): void {
    this.said.push(line);
    if (this.said.length > LAST_WORDS) this.said.shift();
  }
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
