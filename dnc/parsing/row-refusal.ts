import { PHONE_REFUSALS } from '../../intake/phone/phone-result.ts';

/** Why a line of a list is refused, each with what may be said of it to whoever sent it. Closed: callers may switch over it. */
export const ROW_REFUSALS = {
  ...PHONE_REFUSALS,
  invalid_area_code: 'its North American area code starts with 0 or 1',
  other_area_code: 'it is in none of the area codes that the file is for',
  area_code_missing: 'it stands outside of any area code',
  column_missing: 'it has not all of the columns that the number is in',
  action_missing: 'it does not say whether to add or to remove',
  action_unknown: 'what it says to do is neither of the two words for adding and removing',
  line_too_long: 'it is longer than any line of a list',
} as const satisfies Record<string, string>;

export type RowRefusal = keyof typeof ROW_REFUSALS;
