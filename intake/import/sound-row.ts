import { isStorable } from '../accepted-values.ts';
import type { Cells } from './cells.ts';

/** Whether a row has the right cells with storable text; one that has not is not looked at any further. */
export function isSoundRow(row: readonly string[], header: readonly string[], lastIndex: number, cells: Cells): boolean {
  if (row.length > header.length) cells.refuse('surplus_cells', '');
  else if (row.length <= lastIndex) cells.refuse('missing_cells', header[row.length] ?? '');
  else {
    const unstorable = row.findIndex((cell) => !isStorable(cell));
    if (unstorable === -1) return true;
    cells.refuse('unstorable_text', header[unstorable] ?? '');
  }
  return false;
}
