import { z } from 'zod';
import { previewRetention } from '../gate/retention-preview.ts';
import { RULE_KEEPERS } from './roles.ts';
import { route } from './route.ts';
import { requireLawful } from './settings.ts';
import { settingsBody } from './settings-body.ts';

const compared = z.object({
  current: z.int().min(0),
  proposed: z.int().min(0),
  margin: z.int().min(0).meta({ description: '0 where it is exact; else how far off an estimate may be, 19 times in 20' }),
});
const ends = z.object({ archive: compared, dispose: compared });

const preview = z
  .object({
    basis: z
      .object({
        leads: z.int().min(0),
        lookedAt: z.int().min(0),
        isExact: z.boolean().meta({ description: 'False: the leads looked at were drawn by chance, and the numbers are estimates for all of them' }),
      })
      .meta({ description: 'How many leads there are, and how many of them were looked at' }),
    atOnce: ends.meta({ description: 'Due by now: at the next review of each lead, thirty days from now at most' }),
    within30Days: ends.meta({ description: 'Due in thirty days, those included' }),
    moved: z
      .object({ earlier: z.int().min(0), later: z.int().min(0) })
      .meta({ description: 'Leads whose date of disposal, or else of archive, would come earlier or later' }),
  })
  .meta({ id: 'SettingsPreview' });

const previewSettings = route({
  method: 'post',
  path: '/v1/settings/preview',
  operation: 'previewSettings',
  tag: 'Settings',
  summary: 'Say what a change of settings would archive and destroy',
  description:
    'Takes the same document as PUT /v1/settings, changes nothing, and compares what is due under it with what is due as things stand. Up to 1,000 ' +
    'leads are looked at one by one; where there are more, the numbers are estimated from so many drawn by chance, and say so.',
  roles: RULE_KEEPERS,
  body: settingsBody,
  answers: { 200: { description: 'What would be due', schema: preview } },
  problems: ['settings_looser_than_law'],
  async handle({ db, now }, { body }) {
    const at = now();
    requireLawful(body, at);
    const { basis, atOnce, within30Days, moved } = await previewRetention(db, body, at);
    const all = estimator(basis);
    const shown = ({ archive, dispose }: typeof atOnce) => ({ archive: all.compare(archive), dispose: all.compare(dispose) });
    const scaled = { earlier: all.scale(moved.earlier), later: all.scale(moved.later) };
    return { status: 200, body: { basis, atOnce: shown(atOnce), within30Days: shown(within30Days), moved: scaled } };
  },
});

export const settingsPreviewRoutes = [previewSettings];

/** Carries counts among the leads that were looked at over to all. */
function estimator({ leads, lookedAt, isExact }: z.infer<typeof preview>['basis']) {
  const scale = (count: number) => (lookedAt === 0 ? 0 : Math.round((count * leads) / lookedAt));
  return {
    scale,
    compare({ current, proposed }: { current: number; proposed: number }): z.infer<typeof compared> {
      const margin = isExact ? 0 : Math.max(marginOf(current, lookedAt), marginOf(proposed, lookedAt)) * leads;
      return { current: scale(current), proposed: scale(proposed), margin: Math.ceil(margin) };
    },
  };
}

/** Half of the interval that holds the true share 19 times in 20, after Agresti and Coull: of use also where none was found. */
function marginOf(found: number, among: number): number {
  const [n, x] = [among + 4, found + 2];
  return 2 * Math.sqrt(((x / n) * (1 - x / n)) / n);
}
