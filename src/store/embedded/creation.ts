// A process of its own that creates a data folder and ends: initdb takes about 800 MB, which the server that opens the folder need not.
import { realDisk, syncTree } from './durable-files.ts';
import { openEngine } from './engine.ts';

const folder = process.argv[2];
if (!folder) throw new Error('The folder to create is missing.');
const failures: Error[] = [];
const engine = await openEngine({ data: { folder, disk: realDisk }, onFatal: (error) => failures.push(error) });
await engine.close();
if (failures[0]) throw failures[0];
await syncTree(folder);
