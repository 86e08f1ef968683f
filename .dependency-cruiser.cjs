/**
 * The arrows of docs/architecture.md: cli, embedding → workers → workflows, activities → config; connection → config. TypeScript 7 has no parser API, so
 * this reads sources by swc, which sees type-only imports like any other: that a workflow takes only the types of
 * activities, and that there are no cycles, is held by Biome (lint/activityTypesOnly.grit, noImportCycles).
 */
module.exports = {
  forbidden: [
    {
      name: 'config-imports-nothing-of-ours',
      comment: 'A browser, a workflow or another platform can import config/.',
      severity: 'error',
      from: { path: '^config/' },
      to: { pathNot: '^(config/|node_modules/(zod|fastest-levenshtein)/)' },
    },
    {
      name: 'policies-are-pure',
      comment: 'Figures in, verdict out: no clock, no I/O, no Temporal.',
      severity: 'error',
      from: { path: '^workflows/policies/' },
      to: { pathNot: '^(config/|workflows/policies/|node_modules/zod/)' },
    },
    {
      name: 'workflows-are-deterministic',
      comment: 'The sandbox has no Node; activities are reached by proxy, by their types.',
      severity: 'error',
      from: { path: '^workflows/', pathNot: '^workflows/policies/' },
      to: { pathNot: '^(config/|workflows/|activities/|node_modules/(zod|nexus-rpc|@temporalio/(workflow|common))/)' },
    },
    {
      name: 'activities-do-not-know-workflows',
      comment: 'Policies excepted: they are pure.',
      severity: 'error',
      from: { path: '^activities/' },
      to: { path: '^(workflows|workers|embedding|cli|test|bench)/', pathNot: '^workflows/policies/' },
    },
    {
      name: 'nothing-imports-entry-points',
      severity: 'error',
      from: { pathNot: '^(workers|embedding|cli|test|bench|docs)/' },
      to: { path: '^(workers|embedding|cli)/' },
    },
    {
      name: 'connection-knows-config-alone',
      comment: 'How Temporal is reached and what it gets to see is the same for every client and worker.',
      severity: 'error',
      from: { path: '^connection/' },
      to: { path: '^(workflows|activities|workers|embedding|cli|test|bench)/' },
    },
    {
      name: 'workers-know-neither-the-command-nor-the-package',
      severity: 'error',
      from: { path: '^workers/' },
      to: { path: '^(embedding|cli)/' },
    },
    {
      name: 'the-package-is-without-the-command',
      severity: 'error',
      from: { path: '^embedding/' },
      to: { path: '^cli/' },
    },
    {
      name: 'nothing-imports-tests',
      severity: 'error',
      from: { pathNot: '^(test|bench)/' },
      to: { path: '^(test|bench)/' },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-undeclared-packages',
      comment:
        'A package that only happens to be there is not in package.json. Peers are: an optional one is taken for undeclared too, since the cruiser knows no peerDependenciesMeta.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['npm-peer'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)\\.anneal/' },
    tsPreCompilationDeps: true,
    preserveSymlinks: true,
    parser: 'swc',
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
