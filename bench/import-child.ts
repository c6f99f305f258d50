import { importWholeFile } from './import-store.ts';

/** A process of its own, so that its peak of memory is that of one import: says how many rows it read, and the peak in bytes. */
const [url, keyFolder, uploadFolder, path] = process.argv.slice(2) as [string, string, string, string];
const { rows } = await importWholeFile(url, keyFolder, uploadFolder, path);
console.log(JSON.stringify({ rows: rows.read, peak: process.resourceUsage().maxRSS * 1024 }));
