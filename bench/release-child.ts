import { openListStore } from './list-store.ts';

/** A process of its own that loads a full file into the list of the store, as a worker does. */
const [url, keyFolder, folder, path] = process.argv.slice(2) as [string, string, string, string];
const lists = await openListStore(url, keyFolder, folder);
await lists.release(path, 'full');
await lists.close();
