import js from '@eslint/js';
import stylistic from '@stylistic/eslint-plugin';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const within = (...rooms) => rooms.map((room) => `${room}/**/*.ts`);

const PRODUCT = ['config.ts', ...within('domain', 'db', 'proof', 'workflows', 'intake', 'dnc', 'gate', 'activities', 'api', 'worker', 'local')];
const TESTS = ['test/**/*.ts'];
const SCRIPTS = ['**/*.mjs'];

export default defineConfig(
  globalIgnores(['.leadwarden/', 'coverage/', 'bench/results/']),
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'eqeqeq': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { requireDefaultForNonUnion: true, considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allow: ['Error', 'URL', 'URLSearchParams'] }],
      // An empty string in the environment or in a CSV cell means "none", which is what || says.
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: true }],
      // Groups of a pattern, holes of an array and flags that change while one waits: what it calls unnecessary often is not.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // `x!` is forbidden by the strict rules; this one would ask for it.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      // An interface may promise what one of its implementations has no need to wait for.
      '@typescript-eslint/require-await': 'off',
      // Matters of taste that the house leaves open.
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
    },
  },
  {
    plugins: { stylistic },
    rules: {
      'stylistic/comma-dangle': ['error', 'always-multiline'],
      'stylistic/eol-last': 'error',
      'stylistic/indent': ['error', 2, { ignoredNodes: ['TemplateLiteral *', 'ConditionalExpression'] }],
      'stylistic/max-len': ['error', { code: 130, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true }],
      'stylistic/member-delimiter-style': 'error',
      'stylistic/no-multiple-empty-lines': ['error', { max: 1, maxEOF: 0 }],
      'stylistic/no-trailing-spaces': 'error',
      'stylistic/quotes': ['error', 'single', { avoidEscape: true, allowTemplateLiterals: 'always' }],
      'stylistic/semi': 'error',
    },
  },
  {
    files: PRODUCT,
    rules: {
      'max-lines': ['error', 300],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true, named: true, defaultFrom: true, namedFrom: true, namespaceFrom: true } }],
    },
  },
  {
    files: within('domain', 'db', 'proof', 'workflows', 'intake', 'dnc', 'gate', 'activities', 'api', 'worker'),
    ignores: ['**/main.ts', 'db/migrate-main.ts'],
    rules: { 'no-console': 'error' },
  },
  {
    files: within('domain', 'db', 'intake', 'dnc', 'activities', 'api'),
    ignores: ['**/main.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...['NewExpression[callee.name="Date"][arguments.length=0]', 'MemberExpression[object.name="Date"][property.name="now"]'].map((selector) => ({
          selector,
          message: 'The clock is handed in: take `now: () => Date` as a parameter, so that a rehearsal or a test can move it.',
        })),
        { selector: 'MemberExpression[object.name="Math"][property.name="random"]', message: 'Chance cannot be repeated: take it as a parameter, or node:crypto for secrets.' },
      ],
    },
  },
  {
    files: within('domain', 'workflows'),
    rules: {
      'no-restricted-globals': ['error', ...['Buffer', 'crypto', 'fetch', 'performance', 'process', 'structuredClone'].map((name) => ({
        name,
        message: 'It does not exist where workflows run. Do it in an activity and pass the result in.',
      }))],
    },
  },
  {
    files: TESTS,
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    files: SCRIPTS,
    extends: [tseslint.configs.disableTypeChecked],
    rules: { 'no-undef': 'off' },
  },
);
