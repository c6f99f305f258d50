import { runSubject, saveReport } from './harness.ts';
import { subjects } from './subjects.ts';
import { failuresOf, printReport } from './verdict.ts';

const RESULTS = new URL('./results/', import.meta.url);

/**
 * `npm run bench` runs every subject, `npm run bench -- P1 P2` those two, with `--full` on full sizes. Ends with 1 when a
 * target is missed.
 */
const wanted = process.argv.slice(2).filter((argument) => argument !== '--full').map((id) => id.toUpperCase());
const unknown = wanted.filter((id) => !subjects.some((subject) => subject.id === id));
if (unknown.length > 0) {
  console.error(`no such subject: ${unknown.join(', ')} (there are ${subjects.map(({ id }) => id).join(', ')})`);
  process.exit(2);
}

for (const subject of subjects.filter(({ id }) => wanted.length === 0 || wanted.includes(id))) {
  const report = await runSubject(subject);
  await saveReport(report, RESULTS);
  console.log(printReport(report));
  if (failuresOf(report).length > 0) process.exitCode = 1;
}
