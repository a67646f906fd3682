// A throw-away PostgreSQL for tests and benches, of whatever server this machine has installed.
//   node scripts/postgres.mjs run -- COMMAND…   runs COMMAND with ONHAND_TEST_DATABASE_URL set, then stops and removes the server
//   node scripts/postgres.mjs start             starts one and prints ONHAND_TEST_DATABASE_URL=… (and the folder, for stop)
//   node scripts/postgres.mjs stop FOLDER
import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';

const PREFIX = 'onhand-postgres-';

/** The newest installed server. */
function binaries() {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  for (const version of versions) {
    const folder = join(debian, version, 'bin');
    if (existsSync(join(folder, 'initdb'))) return folder;
  }
  try {
    return execFileSync('pg_config', ['--bindir'], { encoding: 'utf8' }).trim();
  } catch {
    throw new Error(
      'No PostgreSQL server here. Debian and Ubuntu: apt-get install postgresql. macOS: brew install postgresql.',
    );
  }
}

/** PostgreSQL refuses to run as root; packages create the user postgres for it. */
function asServer(command, args, options = {}) {
  if (userInfo().uid !== 0) return execFileSync(command, args, options);
  const user = ['--reuid=postgres', '--regid=postgres', '--clear-groups', '--'];
  return execFileSync('setpriv', [...user, command, ...args], options);
}

function freePort() {
  return new Promise((found, failed) => {
    const server = createServer();
    server.on('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => found(port));
    });
  });
}

async function start() {
  const bin = binaries();
  const folder = mkdtempSync(join(tmpdir(), PREFIX));
  try {
    if (userInfo().uid === 0) chownSync(folder, Number(id('-u')), Number(id('-g')));
    const quiet = { stdio: ['ignore', 'ignore', 'inherit'], cwd: folder };
    const data = join(folder, 'data');
    asServer(
      join(bin, 'initdb'),
      ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '-N'],
      quiet,
    );
    const port = await freePort();
    const options = [
      `-p ${port}`,
      '-c listen_addresses=127.0.0.1',
      "-c unix_socket_directories=''",
      // Nothing here outlives the machine; what is tested is our side.
      '-c fsync=off',
      '-c max_connections=100',
    ];
    const log = join(folder, 'log');
    try {
      asServer(join(bin, 'pg_ctl'), ['-D', data, '-l', log, '-w', '-t', '60', '-o', options.join(' '), 'start'], quiet);
    } catch (error) {
      if (existsSync(log)) console.error(readFileSync(log, 'utf8'));
      throw error;
    }
    return { folder, url: `postgres://postgres@127.0.0.1:${port}/postgres` };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

const id = (flag) => execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }).trim();

function stop(folder) {
  const root = resolve(folder);
  if (!root.includes(PREFIX)) throw new Error(`${root} was not made by this script.`);
  const data = join(root, 'data');
  const pid = join(data, 'postmaster.pid');
  if (existsSync(pid))
    asServer(join(binaries(), 'pg_ctl'), ['-D', data, '-m', 'immediate', '-w', 'stop'], { stdio: 'ignore', cwd: root });
  rmSync(root, { recursive: true, force: true });
}

async function run(command) {
  const { folder, url } = await start();
  const child = spawn(command[0], command.slice(1), {
    stdio: 'inherit',
    env: { ...process.env, ONHAND_TEST_DATABASE_URL: url },
  });
  // The command is asked to end first; the server goes once it has.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  const code = await new Promise((ended) => {
    child.on('error', (error) => {
      console.error(error.message);
      ended(127);
    });
    child.on('exit', (status) => ended(status ?? 1));
  });
  stop(folder);
  process.exitCode = code;
}

const [action, ...rest] = process.argv.slice(2);
if (action === 'run' && rest[0] === '--' && rest.length > 1) await run(rest.slice(1));
else if (action === 'start') {
  const { folder, url } = await start();
  console.log(`ONHAND_TEST_DATABASE_URL=${url}`);
  console.log(`ONHAND_TEST_DATABASE_FOLDER=${folder}`);
} else if (action === 'stop' && rest[0]) stop(rest[0]);
else {
  console.error('Usage: node scripts/postgres.mjs run -- COMMAND… | start | stop FOLDER');
  process.exitCode = 2;
}
