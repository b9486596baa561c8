// The time limits of tests. They end a hang and measure nothing, so that a busy machine passes too.

/**
 * Longest wait for one thing that must happen, in milliseconds. Longer than a loaded machine needs, shorter than
 * `testTimeout` in jest.config.js, so that the error names what was missing.
 */
export const PATIENCE_MS = 120_000;
