import { writeFileSync } from 'node:fs';
import { ZONE_TABLE_FILE, zoneTable } from './zones.ts';

writeFileSync(ZONE_TABLE_FILE, zoneTable());
