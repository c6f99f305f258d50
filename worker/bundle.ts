import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';

const ROOT = join(import.meta.dirname, '..');
const WORKFLOWS = join(ROOT, 'workflows/index.ts');

/** The workflow code as one script, as the worker's sandbox runs it. Takes seconds: see `cachedWorkflowBundle`. */
export async function buildWorkflowBundle(): Promise<{ code: string }> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: WORKFLOWS,
    logger: new DefaultLogger('WARN'),
    // Our modules are evaluated once per cached lead: as one scope without export objects they take less of its memory.
    webpackConfigHook: (config) => ({
      ...config,
      optimization: {
        ...config.optimization,
        concatenateModules: true,
        usedExports: true,
        providedExports: true,
        sideEffects: true,
        minimize: false,
      },
    }),
  });
  return { code };
}

/** The bundle of exactly the present sources, built at most once per folder and change. Answers the path of the script. */
export async function cachedWorkflowBundle(folder: string): Promise<string> {
  const path = join(folder, `workflows-${await sourceDigest()}.js`);
  if (await readFile(path).then(() => true, () => false)) return path;
  await mkdir(folder, { recursive: true });
  const { code } = await buildWorkflowBundle();
  await writeFile(`${path}.${process.pid}`, code);
  await rename(`${path}.${process.pid}`, path);
  await dropOthers(folder, path);
  return path;
}

async function sourceDigest(): Promise<string> {
  const hash = createHash('sha256');
  const folders = ['workflows', 'domain', 'domain/policies'];
  const files = (await Promise.all(folders.map(listFiles))).flat();
  for (const file of ['package-lock.json', ...files.filter((name) => name.endsWith('.ts')).sort()]) {
    hash.update(file).update('\0').update(await readFile(join(ROOT, file))).update('\0');
  }
  return hash.digest('hex').slice(0, 16);
}

async function listFiles(folder: string): Promise<string[]> {
  return (await readdir(join(ROOT, folder))).map((file) => join(folder, file));
}

async function dropOthers(folder: string, keep: string): Promise<void> {
  const old = (await readdir(folder)).filter((name) => /^workflows-[0-9a-f]+\.js$/.test(name) && join(folder, name) !== keep);
  await Promise.all(old.map((name) => rm(join(folder, name), { force: true })));
}
