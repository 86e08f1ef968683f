/** Runs under NODE_OPTIONS=--experimental-vm-modules: the project is ESM and the tests are TypeScript. */
export default {
  testEnvironment: 'node',
  globalSetup: '<rootDir>/test/temporaryFolder.mjs',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/lib/'],
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  cacheDirectory: '<rootDir>/node_modules/.cache/jest',
  maxWorkers: 2,
  /** Milliseconds. Many tests start real processes, and a busy machine makes those slow. */
  testTimeout: 60_000,
};
