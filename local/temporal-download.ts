import { TestWorkflowEnvironment } from '@temporalio/testing';

// A program of its own, because the download runs in native code that cannot be stopped from within:
// node temporal-download.ts FOLDER VERSION
const [downloadDir, version] = process.argv.slice(2);
if (downloadDir === undefined || version === undefined) throw new Error('a folder and a version are needed');

const executable = { type: 'cached-download', downloadDir, version: `v${version}` } as const;
const server = { executable, log: { format: 'json', level: 'never' } };
const environment = await TestWorkflowEnvironment.createLocal({ server });
await environment.teardown();
