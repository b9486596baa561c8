// Time limits of tests. They only end a hang, so that tests pass on a busy machine too.

/**
 * Longest wait for one expected event, in milliseconds. It is longer than a loaded machine needs, and shorter than
 * `testTimeout` in jest.config.js, so that the error names the missing event.
 */
export const PATIENCE_MS = 120_000;
