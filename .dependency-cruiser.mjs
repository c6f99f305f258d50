/** The doors between the rooms of the house. Each rule is a sentence; its comment says what to do instead. */
const packages = (...names) => `^node_modules/(@types/)?(${names.join('|')})/`;
const TYPES_ONLY = ['type-only', 'type-import'];

const WORKFLOW_CODE = { path: '^workflows/', pathNot: '^workflows/delivery\\.ts$' };
const PRODUCT = '^(config\\.ts$|(domain|db|proof|workflows|intake|dnc|gate|endings|keys|activities|api|worker)/)';
const TOOLS = '^(local|bench|test)/';

const forbidden = [
  {
    name: 'domain-imports-nothing-but-domain',
    comment: 'Rules are pure, so that they can be proved and replayed. Take what you need as a parameter; input and output belong to activities/, intake/ and api/.',
    from: { path: '^domain/' },
    to: { pathNot: '^domain/' },
  },
  {
    name: 'domain-does-not-know-the-law-of-a-country',
    comment: 'Policies are data that activities/ and api/ look up. Take a Policy as a parameter; otherwise a change of law would change the replay of workflows.',
    from: { path: '^domain/', pathNot: '^domain/policies/' },
    to: { path: '^domain/policies/' },
  },
  {
    name: 'db-imports-only-domain-and-its-drivers',
    comment: 'db/ stores and finds facts. What turns input into facts belongs to intake/, what decides to domain/; pass the results in.',
    from: { path: '^db/', pathNot: '^db/(migrations/|migrate-main\\.ts$)' },
    to: {
      pathNot: ['^db/', '^domain/(?!policies/)', packages('kysely', 'pg', 'pg-copy-streams', 'uuid')],
      dependencyTypesNot: ['core'],
    },
  },
  {
    name: 'migrations-import-only-kysely',
    comment: 'A migration must mean the same in ten years. Copy the value or the type that you need into it.',
    from: { path: '^db/migrations/' },
    to: { pathNot: packages('kysely') },
  },
  {
    name: 'workflow-code-imports-only-domain-and-the-workflow-sdk',
    comment: 'Workflow code is replayed and kept in memory for years: no packages, no I/O, no policies. Let an activity do it; of activities import types only.',
    from: WORKFLOW_CODE,
    to: { pathNot: ['^workflows/(?!delivery\\.ts$)', '^domain/(?!policies/)', '^activities/', packages('@temporalio/workflow', '@temporalio/common')] },
  },
  {
    name: 'workflow-code-knows-only-the-types-of-activities',
    comment: 'Write `import type`, and call it through proxyActivities or proxyLocalActivities.',
    from: { path: '^workflows/' },
    to: { path: '^activities/', dependencyTypesNot: TYPES_ONLY },
  },
  {
    name: 'delivery-knows-only-the-types-of-its-client-and-of-the-outbox',
    comment: 'workflows/delivery.ts is shared by api/ and worker/. It is handed the client that it uses: write `import type`.',
    from: { path: '^workflows/delivery\\.ts$' },
    to: { path: ['^db/', packages('@temporalio/client')], dependencyTypesNot: TYPES_ONLY },
  },
  {
    name: 'delivery-imports-only-messages',
    comment: 'It knows which workflow a message is for and nothing else. Everything further is passed in.',
    from: { path: '^workflows/delivery\\.ts$' },
    to: { pathNot: ['^workflows/messages\\.ts$', '^db/outbox\\.ts$', packages('@temporalio/client')] },
  },
  {
    name: 'intake-imports-only-domain-and-db',
    comment: 'intake/ turns what people send into facts, for api/ and activities/ alike, and has new leads looked up in the lists. HTTP belongs to api/, Temporal to activities/, configuration is passed in.',
    from: { path: '^intake/' },
    to: { pathNot: ['^(intake|db)/', '^dnc/newcomers\\.ts$', '^domain/(?!policies/)', packages('libphonenumber-js')], dependencyTypesNot: ['core'] },
  },
  {
    name: 'proof-imports-only-domain',
    comment: 'A proof is checked by people who have neither our database nor our server. Pass in what was read.',
    from: { path: '^proof/', pathNot: '^proof/verify-main\\.ts$' },
    to: { pathNot: ['^proof/', '^domain/(?!policies/)'], dependencyTypesNot: ['core'] },
  },
  {
    name: 'dnc-imports-only-what-lists-are-made-of',
    comment: 'dnc/ turns files into releases of lists, for api/ and activities/ alike: blocks from proof/, rows from db/. HTTP belongs to api/, Temporal to activities/.',
    from: { path: '^dnc/' },
    to: { pathNot: ['^(dnc|db|proof|intake/phone)/', '^intake/place/area-codes\\.ts$', '^domain/(?!policies/)', packages('yauzl', 'saxes')], dependencyTypesNot: ['core'] },
  },
  {
    name: 'gate-imports-only-what-it-decides-with',
    comment: 'gate/ answers clearances for api/ and activities/ alike: facts from db/, past lists from dnc/, rules and law from domain/, digests from proof/. HTTP belongs to api/.',
    from: { path: '^gate/' },
    to: { pathNot: ['^(gate|db|proof|domain|intake)/', '^dnc/look-up\\.ts$'], dependencyTypesNot: ['core'] },
  },
  {
    name: 'endings-import-only-what-ends-are-made-of',
    comment: 'endings/ archives, holds and disposes, for api/ and activities/ alike. It names the stores that have to forget; the clients of vendors that implement them belong to activities/.',
    from: { path: '^endings/' },
    to: { pathNot: ['^(endings|db|proof|intake|domain)/'], dependencyTypesNot: ['core'] },
  },
  {
    name: 'keys-import-only-the-clients-of-key-stores',
    comment: 'keys/ says where key-encryption keys come from and how they are changed. What they open belongs to db/vault.ts.',
    from: { path: '^keys/', pathNot: '^keys/main\\.ts$' },
    to: { pathNot: ['^(keys|db)/', '^domain/(?!policies/)', packages('@aws-sdk', '@smithy')], dependencyTypesNot: ['core'] },
  },
  {
    name: 'activities-do-not-import-api-or-workflows',
    comment: 'Activities are the way to the outside world: domain/, db/, intake/, dnc/ and vendor clients. What they share with api/ belongs to one of those rooms.',
    from: { path: '^activities/' },
    to: { pathNot: ['^(activities|domain|db|intake|dnc|gate|proof|endings|keys)/', packages('@temporalio/activity', '@temporalio/common', 'nodemailer', '@aws-sdk', '@smithy')], dependencyTypesNot: ['core'] },
  },
  {
    name: 'api-imports-no-worker-and-no-workflow-code',
    comment: 'The API starts and signals workflows by workflows/messages.ts and workflows/delivery.ts; it runs neither workflows nor activities.',
    from: { path: '^api/' },
    to: { path: '^(activities|worker|workflows/(?!(messages|delivery)\\.ts$))' },
  },
  {
    name: 'api-speaks-sql-through-db-only',
    comment: 'Add a query function to the noun in db/ and call that; of the driver only types may be named here.',
    from: { path: '^api/' },
    to: { path: packages('kysely', 'pg', 'pg-copy-streams'), dependencyTypesNot: TYPES_ONLY },
  },
  {
    name: 'only-db-opens-connections-to-postgres',
    comment: 'Take a Db as a parameter; connect() of db/connection.ts is called by main.ts.',
    from: { path: '^(domain|proof|intake|dnc|gate|endings|keys|workflows|activities|worker)/' },
    to: { path: packages('kysely', 'pg', 'pg-copy-streams'), dependencyTypesNot: TYPES_ONLY },
  },
  {
    name: 'worker-does-not-import-api',
    comment: 'The worker runs without the API. What both need belongs to domain/, db/, intake/ or workflows/messages.ts.',
    from: { path: '^worker/' },
    to: { path: '^api/' },
  },
  {
    name: 'local-starts-the-product-and-does-not-reach-into-it',
    comment: 'Start main.ts of api/ and worker/ as processes and talk to them as anybody would. Shared are keys, migration and messages.',
    from: { path: '^local/' },
    to: { path: '^(domain/(?!policies/)|db/(?!migrate\\.ts$)|keys/(?!(key-files|stores)\\.ts$)|workflows/(?!messages\\.ts$)|intake/(?!phone/)|dnc|gate|endings|proof|activities)/?' },
  },
  {
    name: 'product-does-not-import-its-tools',
    comment: 'local/, bench/ and test/ use the product, never the other way round.',
    from: { path: PRODUCT },
    to: { path: TOOLS },
  },
  {
    name: 'nothing-imports-tests',
    comment: 'Move what is shared into the room that it is about.',
    from: { path: '^(local|bench)/' },
    to: { path: '^test/' },
  },
  {
    name: 'local-does-not-import-bench',
    comment: 'A benchmark measures the product and is no part of it.',
    from: { path: '^local/' },
    to: { path: '^bench/' },
  },
  {
    name: 'config-is-read-by-entry-points-only',
    comment: 'The environment is read once, by the entry point of each process, which is called main. Pass the value, or a type of your own, down.',
    from: { pathNot: ['^[a-z]+/main\\.ts$', '^[a-z]+/[a-z]+-main\\.ts$', TOOLS] },
    to: { path: '^config\\.ts$', dependencyTypesNot: TYPES_ONLY },
  },
  {
    name: 'config-imports-nothing-of-ours-but-how-secrets-are-read',
    comment: 'It is read before anything else exists. keys/secret-files.ts needs nothing but the disk.',
    from: { path: '^(config|keys/secret-files)\\.ts$' },
    to: { pathNot: ['^keys/secret-files\\.ts$', packages('zod')], dependencyTypesNot: ['core'] },
  },
  {
    name: 'product-uses-no-development-packages',
    comment: 'A deployment installs without them. Move the package to "dependencies", or the code to local/.',
    from: { path: PRODUCT },
    to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: TYPES_ONLY },
  },
  {
    name: 'every-package-is-declared',
    comment: 'It is here by accident of another package. Add it to package.json, or do without.',
    from: {},
    to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
  },
  {
    name: 'every-import-can-be-found',
    comment: 'Correct the path or install the package.',
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: 'no-circles',
    comment: 'Two files that need each other are one file, or hide a third that both can import.',
    from: {},
    to: { circular: true, viaOnly: { dependencyTypesNot: TYPES_ONLY } },
  },
  {
    name: 'no-file-stands-alone',
    comment: 'Nothing imports it and it imports nothing: use it or remove it.',
    from: { orphan: true, pathNot: ['^test/', '\\.mjs$'] },
    to: {},
  },
];

export default {
  forbidden: forbidden.map((rule) => ({ severity: 'error', ...rule })),
  options: {
    doNotFollow: { path: '^node_modules/' },
    exclude: { path: '^(\\.[^./]|coverage/|bench/results/)' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['types', 'import', 'node', 'default'] },
  },
};
