import { writeFileSync } from 'node:fs';
import { HOLIDAY_TABLE_FILE, holidayTable } from './holidays.ts';
import { ZONE_TABLE_FILE, zoneTable } from './zones.ts';

writeFileSync(ZONE_TABLE_FILE, zoneTable());
writeFileSync(HOLIDAY_TABLE_FILE, holidayTable());
