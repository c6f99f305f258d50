/** Minute, hour, day of the month, month, day of the week (0 and 7 are Sunday). */
const FIELDS = [[0, 59], [0, 23], [1, 31], [1, 12], [0, 7]] as const;
const PART = /^(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:\/(\d{1,2}))?$/;

/** Whether a text is a cron expression of five fields with numbers, `*`, lists, ranges and steps; names are none. */
export function isCron(text: string): boolean {
  const fields = text.split(' ');
  return fields.length === FIELDS.length && FIELDS.every(([least, most], nth) => {
    return (fields[nth] ?? '').split(',').every((part) => isPart(part, least, most));
  });
}

function isPart(part: string, least: number, most: number): boolean {
  const found = PART.exec(part);
  if (!found) return false;
  const [, from, to, step] = found.map((each) => (each === undefined ? undefined : Number(each)));
  const isInside = (value: number | undefined) => value === undefined || (value >= least && value <= most);
  return isInside(from) && isInside(to) && (from === undefined || to === undefined || from <= to) && step !== 0;
}
