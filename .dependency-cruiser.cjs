/**
 * Who may import whom (docs/architecture.md). Direction: web, cli -> contract <- server -> core -> engine/port;
 * data -> core and drivers -> port are plugged in by the server's composition root. Each rule says why.
 */

// Tests, and what only tests import.
const TEST = '([.]test[.]ts$|/testing/)';
const DRIVER = '^packages/engine/src/(asterisk|freeswitch|sim)/';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment:
        'Modules in a circle cannot be understood, tested or started one by one. Move what both need into a third.',
      severity: 'error',
      from: {},
      // A circle of types alone is gone when the code runs.
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'resolvable',
      comment: 'The imported module does not exist.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'contract-stands-alone',
      comment:
        'The contract is read by server, browser and CLI: schemas only, nothing of this repository, nothing of Node.',
      severity: 'error',
      from: { path: '^packages/contract/src/', pathNot: TEST },
      to: { pathNot: ['^packages/contract/src/', '(^|/)node_modules/zod/'] },
    },
    {
      name: 'port-stands-alone',
      comment: 'The engine port is what core and all drivers agree on; it imports nothing.',
      severity: 'error',
      from: { path: '^packages/engine/src/port[.]ts$' },
      to: {},
    },
    {
      name: 'engine-knows-no-core',
      comment: 'A driver implements the port; what a call means is core’s. Pass values in instead.',
      severity: 'error',
      from: { path: '^packages/engine/src/' },
      to: { path: ['^packages/(core|data|contract)/', '^apps/'] },
    },
    {
      name: 'drivers-apart',
      comment: 'Drivers share the port and nothing else. Put what both need next to port.ts.',
      severity: 'error',
      from: { path: DRIVER },
      to: { path: DRIVER, pathNot: '^packages/engine/src/$1/' },
    },
    {
      name: 'core-knows-the-port-only',
      comment:
        'Call logic runs unchanged on every engine and store: core imports engine/port (and the directory types), its own ports, nothing that does I/O.',
      severity: 'error',
      from: { path: '^packages/core/src/', pathNot: TEST },
      to: {
        path: ['^packages/(contract|data)/', '^apps/', '^packages/engine/'],
        pathNot: '^packages/engine/src/(port|directory|security)[.]ts$',
      },
    },
    {
      name: 'core-does-no-io',
      comment: 'Core reads no clock, environment, network, file or SQL of its own. Add a port in core/src/ports.ts.',
      severity: 'error',
      from: { path: '^packages/core/src/', pathNot: TEST },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|util|assert|async_hooks|events|net)$' },
    },
    {
      name: 'core-uses-no-server-library',
      comment: 'SQL, HTTP and sockets belong to data, apps/server and the drivers.',
      severity: 'error',
      from: { path: '^packages/core/src/' },
      to: { path: '(^|/)node_modules/(pg|kysely|fastify|ws|undici|pino|nodemailer)/' },
    },
    {
      name: 'features-apart',
      comment: 'A feature returns Next, the name of the node to go to; it never calls another feature.',
      severity: 'error',
      from: {
        path: '^packages/core/src/features/([^/.]+)',
        pathNot: [TEST, '^packages/core/src/features/index[.]ts$'],
      },
      to: { path: '^packages/core/src/features/', pathNot: '^packages/core/src/features/$1[/.]' },
    },
    {
      name: 'features-know-no-dialer',
      comment: 'Features use the contact centre by its index and never the dialer.',
      severity: 'error',
      from: { path: '^packages/core/src/features/' },
      to: { path: ['^packages/core/src/dialer/', '^packages/core/src/acd/(?!index[.]ts$)'] },
    },
    {
      name: 'acd-and-dialer-apart',
      comment: 'Contact centre and dialer meet through ports.ts and events; neither knows features or flow.',
      severity: 'error',
      from: { path: '^packages/core/src/(acd|dialer)/' },
      to: { path: '^packages/core/src/(acd|dialer|features|flow)/', pathNot: '^packages/core/src/$1/' },
    },
    {
      name: 'data-knows-core-only',
      comment: 'Stores implement core’s ports. What the engine or the API wants is mapped in the server.',
      severity: 'error',
      from: { path: '^packages/data/src/', pathNot: TEST },
      to: { path: ['^packages/contract/', '^apps/', DRIVER, '^packages/engine/src/port[.]ts$'] },
    },
    {
      name: 'routes-know-no-store',
      comment: 'A route validates, calls a use case of core and maps its result. SQL and engine stay behind ports.',
      severity: 'error',
      from: { path: '^apps/server/src/http/', pathNot: TEST },
      to: {
        path: ['(^|/)node_modules/(pg|kysely)/', '^packages/(data|engine)/'],
        pathNot: '^packages/engine/src/directory[.]ts$',
      },
    },
    {
      name: 'main-plugs-in',
      comment: 'Only apps/server/src/main.ts constructs drivers, so that everything else runs on any of them.',
      severity: 'error',
      from: { path: '^apps/server/src/', pathNot: ['^apps/server/src/main[.]ts$', TEST] },
      to: { path: DRIVER, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'clients-know-the-contract-only',
      comment: 'CLI and web are clients like any other: what they cannot do by the API, the API lacks.',
      severity: 'error',
      from: { path: '^apps/(web|cli)/' },
      to: { path: ['^packages/(?!contract/)', '^apps/(?!web/|cli/)'] },
    },
    {
      name: 'page-carries-no-schemas',
      comment: 'The schemas weigh more than the page: it takes the clients, and of all else of the contract the types.',
      severity: 'error',
      from: { path: '^apps/web/src/', pathNot: TEST },
      to: { path: '^packages/contract/src/(?!(client|event-stream)[.]ts$)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'pages-apart',
      comment: 'Each page is read by itself when it is shown. What two pages need is in apps/web/src/parts.',
      severity: 'error',
      from: { path: '^apps/web/src/pages/([^/.]+)/' },
      to: { path: '^apps/web/src/pages/', pathNot: '^apps/web/src/pages/$1/' },
    },
    {
      name: 'tests-use-public-entries',
      comment: 'End-to-end tests and benchmarks use a package by its name; a deep path would freeze its inside.',
      severity: 'error',
      from: { path: '^(test|bench)/' },
      to: { path: '^(packages|apps)/', dependencyTypes: ['local'] },
    },
    {
      name: 'phones-stand-alone',
      comment: 'The test phones must not share code with what they test.',
      severity: 'error',
      from: { path: '^test/phones/' },
      to: { path: '^(packages|apps|bench)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|coverage)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json'],
    },
  },
};
