/**
 * Closes a run with one line, `123 passed, 0 failed`, that programs read, and names what was skipped and why it was
 * (a skipped test's title says what to install). With AUTOSWIFTNET_NO_SKIPS=1, as in CI, a skip fails the run.
 */
export default class SummaryReporter {
  #failure;

  onRunComplete(_contexts, results) {
    const skipped = results.testResults.flatMap((file) =>
      file.testResults
        .filter(({ status }) => status === 'pending' || status === 'todo')
        .map(({ fullName }) => fullName),
    );
    for (const name of skipped) process.stdout.write(`skipped: ${name}\n`);
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const summary = `${results.numPassedTests} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`;
    // Behind whatever other reporters still have to say.
    process.once('exit', () => process.stdout.write(`${summary}\n`));
    if (skipped.length > 0 && process.env.AUTOSWIFTNET_NO_SKIPS === '1') {
      this.#failure = new Error(`${skipped.length} tests were skipped, and this run allows none`);
    }
  }

  getLastError() {
    return this.#failure;
  }
}
