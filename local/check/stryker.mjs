/** Mutation tests: `npm run mutation` changes the rules in every small way and asks whether a test notices. */
export default {
  testRunner: 'jest',
  testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  jest: { configFile: 'local/check/jest.domain.mjs', enableFindRelatedTests: true },
  // All that decides; the pages of law are data, and their tests name the values.
  mutate: ['domain/**/*.ts', '!domain/policies/*.ts', 'domain/policies/{book,value}.ts'],
  coverageAnalysis: 'perTest',
  ignoreStatic: true,
  // A busy machine is no mutant that runs for ever.
  timeoutMS: 15_000,
  concurrency: 2,
  reporters: ['clear-text', 'progress-append-only', 'json'],
  jsonReporter: { fileName: '.leadwarden/mutation.json' },
  clearTextReporter: { allowColor: false, reportTests: false, skipFull: true },
  tempDirName: '.leadwarden/mutation',
  ignorePatterns: ['.leadwarden', 'bench', 'docs'],
  disableTypeChecks: true,
  allowConsoleColors: false,
};
