import jest from '../../jest.config.mjs';

const { transform, extensionsToTreatAsEsm, injectGlobals } = jest;

/** The rules alone, which need no server: for mutation tests, that run them thousands of times. */
export default {
  rootDir: '../..',
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/domain/**/*.test.ts'],
  // Properties over thousands of situations, too slow to be asked about every mutant.
  testPathIgnorePatterns: ['<rootDir>/test/domain/decide.test.ts'],
  extensionsToTreatAsEsm,
  transform,
  injectGlobals,
};
