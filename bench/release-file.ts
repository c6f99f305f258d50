import { once } from 'node:events';
import { createWriteStream } from 'node:fs';

/** Numbers of a registry as a file, and each of them. */
export interface ReleaseFile {
  write(path: string): Promise<void>;
  numbers(): Generator<number>;
}

const LINES_AT_ONCE = 8_192;

/** A full file: about 9 % of each block of ten thousand numbers, ascending, one a line. */
export function fullFile(count: number, first = 2_012_000_000): ReleaseFile {
  return fileOf(function* () {
    let number = 10_000_000_000 + first;
    for (let nth = 0; nth < count; nth += 1) yield number += 2 + ((nth * 7_919) % 19);
  });
}

/** A file of certain numbers. */
export function fileOf(numbers: () => Generator<number>): ReleaseFile {
  return {
    numbers,
    async write(path) {
      const file = createWriteStream(path);
      let lines: number[] = [];
      const flush = async () => {
        if (!file.write(`${lines.join('\n')}\n`)) await once(file, 'drain');
        lines = [];
      };
      for (const number of numbers()) if (lines.push(number) === LINES_AT_ONCE) await flush();
      if (lines.length > 0) await flush();
      file.end();
      await once(file, 'close');
    },
  };
}
