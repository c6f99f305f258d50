import { join, relative } from 'node:path';
import { ESLint } from 'eslint';
import ts from 'typescript';

/**
 * Types and lint over one reading of all sources: the rules that know types ask the same checker that has just looked at every
 * file, so that together they take hardly longer than lint alone.
 */
const ROOT = join(import.meta.dirname, '../..');

const host: ts.ParseConfigFileHost = {
  ...ts.sys,
  getCurrentDirectory: () => ROOT,
  onUnRecoverableConfigFileDiagnostic: (diagnostic) => {
    throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'));
  },
};
const project = ts.getParsedCommandLineOfConfigFile(join(ROOT, 'tsconfig.json'), {}, host);
if (!project) throw new Error('tsconfig.json cannot be read');

const program = ts.createProgram({ rootNames: project.fileNames, options: project.options });
const faults = [...project.errors, ...ts.getPreEmitDiagnostics(program)];
if (faults.length > 0) console.log(ts.formatDiagnostics(faults, { ...host, getCanonicalFileName: (name) => name, getNewLine: () => '\n' }));

const parserOptions = { projectService: false, programs: [program] };
const lint = new ESLint({ cwd: ROOT, overrideConfig: { files: ['**/*.ts'], languageOptions: { parserOptions } } });
const results = await lint.lintFiles(process.argv.length > 2 ? process.argv.slice(2) : ['.']);
const found = results.flatMap(({ filePath, messages }) =>
  messages.map(({ line, column, message, ruleId }) => `${relative(ROOT, filePath)}:${line}:${column} ${message} (${ruleId ?? 'parser'})`));
if (found.length > 0) console.log(found.join('\n'));

process.exit(faults.length + found.length === 0 ? 0 : 1);
