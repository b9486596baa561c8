// Tests run on real ES modules; swc strips the types and leaves source maps, so that errors and coverage name our lines.
export default {
  testEnvironment: '<rootDir>/test/support/test-environment.js',
  setupFilesAfterEnv: ['<rootDir>/test/run/mark-file.js', '<rootDir>/test/run/see-closed-connections.js'],
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
  // Ends a hang and measures nothing: longer than any test takes on a busy machine (test/support/patience.ts).
  testTimeout: 600_000,
  coverageProvider: 'v8',
  collectCoverageFrom: ['bot/**/*.ts'],
  coverageReporters: ['text-summary', 'lcovonly'],
  coverageThreshold: { global: { lines: 90 } },
};
