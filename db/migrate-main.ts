import { loadConfig } from '../config.ts';
import { migrateToLatest } from './migrate.ts';

const { databaseUrl } = loadConfig();
if (!databaseUrl) throw new Error('DATABASE_URL says which database to migrate; it is not set.');
const applied = await migrateToLatest(databaseUrl);
console.log(applied.length === 0 ? 'The database is up to date.' : `Applied: ${applied.join(', ')}.`);
