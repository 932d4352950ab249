/**
 * Prints vitest's JSON report as CI wants it: skipped and failed tests by name, and 'N passed, N failed' as the last line.
 * `node scripts/test-summary.mjs report.json`; exit code 1 where a test failed or none ran.
 */
import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";

/**
 * What a report says. A file that breaks before its first test counts as one failed test.
 * @param {{ testResults: { name: string, status: string, assertionResults: { fullName: string, status: string }[] }[] }} report
 * @param {string} root paths are printed relative to it
 * @returns {{ passed: number, failed: number, lines: string[] }}
 */
export function testSummary(report, root) {
  let passed = 0;
  let failed = 0;
  const lines = [];
  for (const { name, status, assertionResults } of report.testResults) {
    const file = relative(root, name);
    let failedHere = 0;
    for (const test of assertionResults) {
      if (test.status === "passed") passed++;
      else if (test.status === "failed") {
        failedHere++;
        lines.push(`failed: ${file} > ${test.fullName}`);
      } else lines.push(`${test.status === "todo" ? "to do" : "skipped"}: ${file} > ${test.fullName}`);
    }
    if (status === "failed" && failedHere === 0) {
      failedHere = 1;
      lines.push(`failed: ${file} (before its tests)`);
    }
    failed += failedHere;
  }
  return { passed, failed, lines: [...lines, `${passed} passed, ${failed} failed`] };
}

if (process.argv[1] === import.meta.filename) {
  const path = process.argv[2] ?? "";
  const report = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : { testResults: [] };
  const { passed, failed, lines } = testSummary(report, process.cwd());
  console.log(lines.join("\n"));
  if (failed > 0 || passed === 0) process.exitCode = 1;
}
