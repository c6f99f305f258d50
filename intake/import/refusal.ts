/** Every reason for which a row is refused, with the sentence that says what would be right. Closed; docs/imports.md lists it. */
export const ROW_REFUSALS = {
  invalid_phone: 'must be one phone number that can be called',
  invalid_region: 'must be an ISO 3166-1 alpha-2 code, such as US',
  acquired_at_missing: 'says when the person gave the number, and has to',
  invalid_time: 'must be a time that exists, as in RFC 3339 or in the order that dateFormat names',
  time_without_offset: 'has no offset from UTC; add one, or name the zone of such times with the parameter zone',
  acquired_in_future: 'must not be later than the upload',
  consent_in_future: 'must not be later than the upload',
  reported_in_future: 'must not be later than the upload',
  consent_out_of_order: 'must be later than the time at which the consent was obtained',
  invalid_email: 'must be an e-mail address',
  invalid_label: 'takes letters, digits, space and _ . : / - only, starts with a letter or digit, and has at most 64 characters',
  invalid_word: 'takes letters, digits and . _ : - only, starts with a letter or digit, and has at most 64 characters',
  invalid_url: 'must be an http or https URL',
  too_long: 'has more characters than are kept of it',
  unstorable_text: 'contains a NUL or half of a surrogate pair',
  missing_cells: 'is not in this row: it ends before this column',
  surplus_cells: 'The row has more cells than the header; a cell with the delimiter in it needs quotes.',
  malformed_json: 'The line is not JSON.',
  wrong_type: 'is of a JSON type that is not accepted here',
  not_allowed: 'is none of the values that are accepted here',
  unknown_field: 'The line has a field that is not known here.',
  acquisition_unknown: 'No lead has this number: acquire it first, with POST /v1/leads or an import. Withdrawals count all the same.',
  opted_out: 'The person behind this number has opted out, and was forgotten since.',
} as const satisfies Record<string, string>;

export type RowRefusalCode = keyof typeof ROW_REFUSALS;

/** One thing that is wrong with a row. `column` is the header's name, or the number in a file without one, or a field's path. */
export interface RowProblem {
  code: RowRefusalCode;
  column: string;
  detail: string;
}

/** A row that is no acquisition; `row` is its record's number in the file, the header being row 1. */
export interface RowRefusal extends RowProblem {
  row: number;
}

/** A problem in a column, in the words of its code or in more exact ones. Never given the value. */
export function problem(code: RowRefusalCode, column: string, detail: string = ROW_REFUSALS[code]): RowProblem {
  return { code, column, detail };
}

/** One refusal for a row, however much is wrong with it: the first problem, and in its detail the names of the others. */
export function refuseRow(row: number, problems: readonly RowProblem[]): RowRefusal {
  const [first = problem('not_allowed', ''), ...others] = problems;
  const also = others.map(({ code, column }) => (column === '' ? code : `${code} in ${column}`));
  return { row, ...first, detail: also.length === 0 ? first.detail : `${first.detail}. Also: ${also.join(', ')}` };
}
