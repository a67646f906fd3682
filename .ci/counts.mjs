// Adds up what every step of .ci/run wrote, and prints the one closing line. Exits 1 unless everything passed.
//   STEP.exit   the step's exit code           STEP.json   what its runner counted, if it counts
// A step that broke without a failed test of its own counts as one failure: nothing may break unseen.
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const folder = process.argv[2] ?? '.';
const total = { passed: 0, failed: 0, skipped: 0 };

/** vitest's JSON report, or { passed, failed } of our own scripts. */
function countsOf(report) {
  if (typeof report.passed === 'number') return { skipped: 0, ...report };
  // A file that does not even load has no tests to fail.
  const unloadable = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length;
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloadable,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

for (const name of readdirSync(folder).sort()) {
  if (!name.endsWith('.exit')) continue;
  const step = name.slice(0, -'.exit'.length);
  const code = Number(readFileSync(`${folder}/${name}`, 'utf8'));
  const json = `${folder}/${step}.json`;
  let counts = { passed: 0, failed: 0, skipped: 0 };
  if (existsSync(json)) {
    try {
      counts = countsOf(JSON.parse(readFileSync(json, 'utf8')));
    } catch (error) {
      console.log(`${step}: its report cannot be read: ${error}`);
      counts.failed += 1;
    }
  }
  if (code !== 0 && counts.failed === 0) counts.failed += 1;
  for (const key of Object.keys(total)) total[key] += counts[key];
  console.log(
    `${step.padEnd(24)}exit ${String(code).padEnd(5)}${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`,
  );
}
const ok = total.failed === 0 && total.passed > 0;
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = ok ? 0 : 1;
