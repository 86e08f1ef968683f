import { closingLine, jestCounts, pytestCounts } from '../../cli/test.js';

describe('the closing line of npm test', () => {
  it('counts a jest file that could not be loaded as a failure', () => {
    const report = {
      numPassedTests: 12,
      numFailedTests: 1,
      numRuntimeErrorTestSuites: 2,
      numPendingTests: 0,
      numTodoTests: 0,
    };
    expect(closingLine(jestCounts(JSON.stringify(report)))).toBe('12 passed, 3 failed');
  });

  it('counts pytest’s errors as failures, and names what was skipped', () => {
    const xml =
      '<?xml version="1.0"?><testsuites name="pytest tests"><testsuite name="pytest" errors="1" failures="2" skipped="3" tests="10" time="1.0"><testcase/></testsuite></testsuites>';
    expect(closingLine(pytestCounts(xml))).toBe('4 passed, 3 failed, 3 skipped');
  });
});
