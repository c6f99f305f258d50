const typescript = {
  swcrc: false,
  jsc: { parser: { syntax: 'typescript' }, target: 'es2024' },
  module: { type: 'es6' },
};

/** Tests are ES modules in TypeScript against one real PostgreSQL and one real Temporal server, started once per run. */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', typescript] },
  globalSetup: '<rootDir>/test/setup/global-setup.mjs',
  globalTeardown: '<rootDir>/test/setup/global-teardown.mjs',
  testSequencer: '<rootDir>/test/setup/sequencer.mjs',
  injectGlobals: false,
  maxWorkers: 2,
  // Against tests that hang; a slow machine is no reason to fail.
  testTimeout: 300_000,
};
