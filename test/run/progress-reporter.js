// Jest reporter that sends the progress of the run to the process that started jest.

export default class ProgressReporter {
  onTestFileStart({ path }) {
    process.send?.({ event: 'file-started', file: path });
  }

  onTestCaseResult({ path }, { fullName }) {
    process.send?.({ event: 'test-ended', file: path, test: fullName });
  }

  onTestFileResult({ path }) {
    process.send?.({ event: 'file-ended', file: path });
  }

  onRunComplete() {
    process.send?.({ event: 'run-ended' });
  }
}
