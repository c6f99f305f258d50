import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';

interface Summary {
  violations: { rule: { name: string }; from: string }[];
  ruleSetUsed: { forbidden: { name: string }[] };
}

const ROOT = join(import.meta.dirname, '../..');

/** For every rule of the house the lines that break it, each by the file that it stands in. */
const OFFENCES: Record<string, Record<string, string>> = {
  'domain-imports-nothing-but-domain': {
    'domain/reads-files.ts': "import 'node:fs';",
    'domain/reads-rows.ts': "import type { Row } from '../db/row.ts';",
    'domain/policies/parses.ts': "import { z } from 'zod';",
  },
  'domain-does-not-know-the-law-of-a-country': { 'domain/rule.ts': "import { law } from './policies/law.ts';" },
  'db-imports-only-domain-and-its-drivers': {
    'db/validates.ts': "import { z } from 'zod';",
    'db/decides.ts': "import { law } from '../domain/policies/law.ts';",
  },
  'migrations-import-only-kysely': { 'db/migrations/0009-current.ts': "import { row } from '../row.ts';" },
  'workflow-code-imports-only-domain-and-the-workflow-sdk': {
    'workflows/queries.ts': "import { sql } from 'kysely';",
    'workflows/judges.ts': "import { law } from '../domain/policies/law.ts';",
    'workflows/delivers.ts': "import { send } from './delivery.ts';",
    'workflows/hashes.ts': "import 'node:crypto';",
  },
  'workflow-code-knows-only-the-types-of-activities': { 'workflows/calls.ts': "import { act } from '../activities/act.ts';" },
  'delivery-knows-only-the-types-of-its-client-and-of-the-outbox': {
    'workflows/delivery.ts': "import { Client } from '@temporalio/client';\nimport { z } from 'zod';\nexport const send = [Client, z];",
  },
  'delivery-imports-only-messages': { 'workflows/delivery.ts': '' },
  'intake-imports-only-domain-and-db': { 'intake/answers.ts': "import { route } from '../api/route.ts';" },
  'proof-imports-only-domain': { 'proof/reads-rows.ts': "import { row } from '../db/row.ts';" },
  'dnc-imports-only-what-lists-are-made-of': {
    'dnc/answers.ts': "import { route } from '../api/route.ts';",
    'dnc/acquires.ts': "import { acquire } from '../intake/acquire.ts';",
    'dnc/judges.ts': "import { law } from '../domain/policies/law.ts';",
  },
  'gate-imports-only-what-it-decides-with': { 'gate/answers.ts': "import { route } from '../api/route.ts';" },
  'endings-import-only-what-ends-are-made-of': { 'endings/answers.ts': "import { route } from '../api/route.ts';" },
  'keys-import-only-the-clients-of-key-stores': { 'keys/acts.ts': "import { act } from '../activities/act.ts';" },
  'activities-do-not-import-api-or-workflows': { 'activities/answers.ts': "import { route } from '../api/route.ts';" },
  'api-imports-no-worker-and-no-workflow-code': {
    'api/acts.ts': "import { act } from '../activities/act.ts';",
    'api/lives.ts': "import { life } from '../workflows/life.ts';",
  },
  'api-speaks-sql-through-db-only': { 'api/queries.ts': "import { sql } from 'kysely';" },
  'only-db-opens-connections-to-postgres': { 'worker/queries.ts': "import { sql } from 'kysely';" },
  'worker-does-not-import-api': { 'worker/answers.ts': "import { route } from '../api/route.ts';" },
  'local-starts-the-product-and-does-not-reach-into-it': { 'local/reads.ts': "import { row } from '../db/row.ts';" },
  'product-does-not-import-its-tools': { 'api/starts.ts': "import { tool } from '../local/tool.ts';" },
  'nothing-imports-tests': { 'bench/borrows.ts': "import { fixture } from '../test/fixture.ts';" },
  'local-does-not-import-bench': { 'local/measures.ts': "import { race } from '../bench/race.ts';" },
  'config-is-read-by-entry-points-only': { 'api/reads-config.ts': "import { loadConfig } from '../config.ts';" },
  'config-imports-nothing-of-ours-but-how-secrets-are-read': {
    'config.ts': "import { rule } from './domain/fact.ts';\nimport { read } from './keys/secret-files.ts';\nexport const loadConfig = [rule, read];",
    'keys/secret-files.ts': "import { rule } from '../domain/fact.ts';\nexport const read = rule;",
  },
  'product-uses-no-development-packages': { 'api/tests.ts': "import { tool } from 'dev-tool';" },
  'every-package-is-declared': { 'api/surprises.ts': "import { surprise } from 'undeclared';" },
  'every-import-can-be-found': { 'api/hopes.ts': "import { hope } from './missing.ts';" },
  'no-circles': { 'api/one.ts': "import { two } from './two.ts';\nexport const one = two;" },
  'no-file-stands-alone': { 'api/alone.ts': 'export const alone = 1;' },
};

/** What may be imported, and an import that is allowed in each of the rooms. */
const HOUSE: Record<string, string> = {
  'domain/fact.ts': 'export const rule = 1;',
  'domain/policies/law.ts': "import { rule } from '../fact.ts';\nexport const law = rule;",
  'db/row.ts': "import type { rule } from '../domain/fact.ts';\nimport { sql } from 'kysely';\nexport const row = sql;\nexport type Row = typeof rule;",
  'intake/acquire.ts': "import { row } from '../db/row.ts';\nexport const acquire = row;",
  'proof/sign.ts': "import 'node:crypto';\nimport { rule } from '../domain/fact.ts';\nexport const sign = rule;",
  'dnc/release.ts': "import 'node:zlib';\nimport { row } from '../db/row.ts';\nimport { sign } from '../proof/sign.ts';\nexport const release = [row, sign];",
  'gate/ask.ts': "import { law } from '../domain/policies/law.ts';\nimport { row } from '../db/row.ts';\nimport { sign } from '../proof/sign.ts';\nexport const ask = [law, row, sign];",
  'endings/dispose.ts': "import { row } from '../db/row.ts';\nexport const dispose = row;",
  'keys/keep.ts': "import { row } from '../db/row.ts';\nexport const keep = row;",
  'activities/act.ts': "import { dispose } from '../endings/dispose.ts';\nimport { keep } from '../keys/keep.ts';\nimport { release } from '../dnc/release.ts';\nimport { ask } from '../gate/ask.ts';\nimport { acquire } from '../intake/acquire.ts';\nexport const act = [ask, acquire, release, dispose, keep];",
  'workflows/life.ts': "import type { act } from '../activities/act.ts';\nimport { sleep } from '@temporalio/workflow';\nexport const life: typeof act = sleep;",
  'api/route.ts': "import { acquire } from '../intake/acquire.ts';\nimport { z } from 'zod';\nexport const route = [acquire, z];",
  'api/main.ts': "import { loadConfig } from '../config.ts';\nimport { route } from './route.ts';\nexport const app = [loadConfig, route];",
  'api/two.ts': "import { one } from './one.ts';\nexport const two = one;",
  'worker/main.ts': "import { loadConfig } from '../config.ts';\nimport { act } from '../activities/act.ts';\nexport const work = [loadConfig, act];",
  'worker/health-main.ts': "import { loadConfig } from '../config.ts';\nexport const health = loadConfig;",
  'local/tool.ts': "import { tool } from 'dev-tool';\nexport { tool };",
  'bench/race.ts': "import { act } from '../activities/act.ts';\nexport const race = act;",
  'test/fixture.ts': "import { race } from '../bench/race.ts';\nexport const fixture = race;",
};

const folder = mkdtempSync(join(tmpdir(), 'leadwarden-doors-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the doors between the rooms', () => {
  const { violations, ruleSetUsed } = judge();
  const found = violations.map(({ rule, from }) => ({ rule: rule.name, file: from }));

  it.each(Object.entries(OFFENCES).flatMap(([rule, files]) => Object.keys(files).map((file) => [rule, file])))('%s: %s', (rule, file) => {
    expect(found).toContainEqual({ rule, file });
  });

  it('are open where they should be', () => {
    const innocent = Object.keys(HOUSE);
    expect(found.filter(({ file }) => innocent.includes(file))).toEqual([]);
  });

  it('are each tried here', () => {
    expect(Object.keys(OFFENCES).sort()).toEqual(ruleSetUsed.forbidden.map(({ name }) => name).sort());
  });
});

/** What dependency-cruiser says of a small house in which every rule is broken. */
function judge() {
  for (const name of ['kysely', 'zod', 'dev-tool', 'undeclared', '@temporalio/client', '@temporalio/workflow']) writePackage(name);
  for (const files of [HOUSE, ...Object.values(OFFENCES)]) {
    for (const [path, text] of Object.entries(files)) if (text !== '') write(path, `${text}\n`);
  }
  const declared = { kysely: '1.0.0', zod: '1.0.0', '@temporalio/client': '1.0.0', '@temporalio/workflow': '1.0.0' };
  write('package.json', JSON.stringify({ type: 'module', dependencies: declared, devDependencies: { 'dev-tool': '1.0.0' } }));
  copyFileSync(join(ROOT, 'tsconfig.json'), join(folder, 'tsconfig.json'));

  const program = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const args = [program, '--config', join(ROOT, '.dependency-cruiser.mjs'), '--output-type', 'json', '.'];
  const { stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', maxBuffer: 1e8 });
  return (JSON.parse(stdout) as { summary: Summary }).summary;
}

function writePackage(name: string): void {
  write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
  write(`node_modules/${name}/index.js`, 'exports.any = 1;\n');
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}
