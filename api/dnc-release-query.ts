import { z } from 'zod';
import { instant, text } from './fields.ts';

const AREA_CODES = /^[2-9]\d\d(,[2-9]\d\d)*$/;

const areaCodes = text(4_000)
  .refine((given) => given === 'in-file' || AREA_CODES.test(given), {
    error: 'must be area codes with commas between them, such as 202,203, or in-file',
    params: { code: 'wrong_format' },
  })
  .transform((given): number[] | 'in-file' => (given === 'in-file' ? given : [...new Set(given.split(',').map(Number))]))
  .meta({ override: { examples: ['202,203'] } });

/** The query of `POST /v1/dnc/lists/{id}/releases`. */
export const releaseQuery = z.strictObject({
  kind: z.enum(['full', 'change']).meta({ description: '`full` replaces the list, `change` adds and removes' }),
  asOf: instant.meta({ description: 'The moment whose list it is; freshness counts from it' }),
  format: text(2_000).meta({
    description: 'lines, ftc_full, ftc_full_xml, ftc_change_csv, ftc_change_xml, tps_fixed, ' +
      'delimited:{"delimiter":"|","columns":[0],"action":{"column":2,"add":"A","remove":"D"}} or fixed:{"columns":[{"start":0,"length":10}]}',
    examples: ['ftc_full'],
  }),
  op: z.enum(['add', 'remove']).optional().meta({ description: 'What a change asks for whose lines do not say it' }),
  areaCodes: areaCodes.optional().meta({ description: 'Only these North American area codes are replaced by a full file; `in-file`: those in it' }),
  dryRun: z.enum(['true', 'false']).optional().meta({ description: '`true`: counts what would change, and changes nothing' }),
});
