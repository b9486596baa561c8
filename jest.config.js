// Tests run on real ES modules; swc strips the types and leaves source maps, so that errors and coverage name our lines.
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // A build under dist/ holds the same modules again.
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { target: 'es2023', parser: { syntax: 'typescript' }, experimental: { keepImportAttributes: true } },
        sourceMaps: 'inline',
      },
    ],
  },
  testTimeout: 15_000,
  coverageProvider: 'v8',
  collectCoverageFrom: ['bot/**/*.ts'],
  coverageReporters: ['text-summary', 'lcovonly'],
  coverageThreshold: { global: { lines: 90 } },
};
