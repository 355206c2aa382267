// Who may import whom: the rooms of the system, checked by `npm run check` and by test/rooms.test.ts.
const pureDomain = '^domain/(?!log/)';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'A cycle makes two files one: move what they share to a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'pure-domain',
      comment: 'The domain decides without clock, randomness, I/O or libraries: only itself and zod.',
      severity: 'error',
      from: { path: pureDomain },
      to: { pathNot: [pureDomain, '^node_modules/zod/'] },
    },
    {
      name: 'log-knows-nats-only',
      comment: 'The log is written for NATS and knows nothing of who reads it.',
      severity: 'error',
      from: { path: '^domain/log/' },
      to: { pathNot: ['^domain/', '^node_modules/(zod|@nats-io|lru-cache)/', '^(node:)?crypto$'] },
    },
    {
      name: 'projections-know-domain-and-postgres',
      comment: 'A projection turns events into rows, nothing else.',
      severity: 'error',
      from: { path: '^projections/' },
      to: {
        pathNot: [
          '^projections/',
          '^domain/',
          '^node_modules/(pg|@types/pg)/',
          '^(node:)?(crypto|fs|fs/promises|path|url|timers/promises|events)$',
        ],
      },
    },
    {
      name: 'edge-knows-domain-and-queries',
      comment:
        'A door asks the domain and the queries; how rows are made, pages and programs are not its business.',
      severity: 'error',
      from: { path: '^edge/' },
      to: {
        pathNot: [
          '^edge/',
          '^domain/',
          '^projections/(all|read-models)\\.ts$',
          '^node_modules/(@fastify/multipart|@fastify/swagger|@fastify/swagger-ui|@node-rs/argon2|bowser|fastify|fastify-type-provider-zod|file-type|ipaddr\\.js|jose|lru-cache|mmdb-lib|pino|prom-client|sharp|socket\\.io|uWebSockets\\.js|undici|ws|@types/ws|zod)/',
          '^(node:)?(crypto|dns/promises|fs/promises|http|module|path|stream|timers/promises|util|zlib)$',
        ],
      },
    },
    {
      name: 'dialects-know-not-each-other',
      comment: 'What two dialects need is no dialect: it stands in chat/, identity/, visitors/ or out/.',
      severity: 'error',
      from: { path: '^edge/dialects/([^/]+)/' },
      to: { path: '^edge/dialects/', pathNot: '^edge/dialects/$1/' },
    },
    {
      name: 'dialects-are-listed-in-one-place',
      comment: 'What carries requests and frames knows no dialect, only the files that list them all.',
      severity: 'error',
      from: { path: '^edge/(http|socket)/' },
      to: { path: '^edge/dialects/[^/]+/' },
    },
    {
      name: 'http-knows-no-sockets',
      comment: 'What both doors need stands beside neither.',
      severity: 'error',
      from: { path: '^edge/(http/|dialects/[^/]+/http/)' },
      to: { path: '^edge/(socket/|dialects/[^/]+/socket/)' },
    },
    {
      name: 'sockets-know-no-http',
      comment: 'What both doors need stands beside neither.',
      severity: 'error',
      from: { path: '^edge/(socket/|dialects/[^/]+/socket/)' },
      to: { path: '^edge/(http/|dialects/[^/]+/http/)' },
    },
    {
      name: 'nothing-behind-the-doors-knows-them',
      comment:
        'Desk, identities, visitors, knowledge and what goes out serve every dialect. Only the classic webhook is a dialect on its way out.',
      severity: 'error',
      from: {
        path: '^edge/(chat|identity|visitors|knowledge|out)/',
        pathNot: '^edge/out/webhooks/bodies\\.ts$',
      },
      to: { path: '^edge/(http|socket|dialects)/' },
    },
    {
      name: 'the-log-is-a-port',
      comment:
        'Who reads or writes the log knows log.ts; which adapter is behind it is decided where programs are wired.',
      severity: 'error',
      from: { path: '^(edge|projections)/' },
      to: { path: '^domain/log/(jetstream/|memory)' },
    },
    {
      name: 'only-the-adapter-knows-nats',
      comment: 'The command loop works on any log: what NATS is like stays in jetstream/.',
      severity: 'error',
      from: { path: '^domain/log/(?!jetstream/)' },
      to: { path: ['^domain/log/jetstream/', '^node_modules/@nats-io/'] },
    },
    {
      name: 'ui-is-small',
      comment: 'What a visitor downloads: lit and our own files; no validation library, no server code.',
      severity: 'error',
      from: { path: '^ui/' },
      to: { pathNot: ['^ui/', '^domain/', '^node_modules/(lit|lit-html|lit-element|@lit)/'] },
    },
    {
      name: 'ui-takes-types-only-from-the-domain',
      comment: 'A value imported from the domain would bring zod into the widget.',
      severity: 'error',
      from: { path: '^ui/' },
      to: { path: '^domain/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'nobody-imports-programs',
      comment: 'Programs wire the rooms together; a room that imports one is wired to everything.',
      severity: 'error',
      from: { pathNot: '^(cmd|test)/' },
      to: { path: '^(cmd|test)/' },
    },
    {
      name: 'programs-do-not-import-tests',
      severity: 'error',
      from: { path: '^cmd/' },
      to: { path: '^test/' },
    },
    {
      name: 'resolvable',
      comment: 'An import that leads nowhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^(https?:|\\.\\./dist/)' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|node_modules/\\.)' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
