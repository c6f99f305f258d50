/**
 * One record of RFC 4180. Cells that a spreadsheet would run as a formula are kept from it by an apostrophe, those included that
 * start with a sign of full width, which East Asian settings take for the plain one, or with marks that nobody sees. One that
 * looks as if it had been guarded already gets another, so that whoever takes one off has what was there.
 */
export function csvRecord(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(cell: string): string {
  const harmless = /^'*[\s\p{Cf}]*[=+\-@\t\r＝＋－＠]/u.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]|^\s|\s$/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
