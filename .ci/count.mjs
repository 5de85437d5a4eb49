// Prints "N passed, N failed" from vitest's JSON report, and exits 0 only when the tests ran to their end and nothing failed.
// Arguments: the report's path, the exit code of the test command ('' when it never ran), how many checks failed before.
import { readFileSync } from 'node:fs'

const [path = '', testExit = '', failedChecks = '0'] = process.argv.slice(2)

function read() {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return null
  }
}

const report = testExit === '' ? null : read()
const files = report?.testResults ?? []
const passed = report?.numPassedTests ?? 0
// A file that could not even be loaded has no tests of its own to count.
const brokenFiles = files.filter((file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed')).length
let failed = (report?.numFailedTests ?? 0) + brokenFiles + Number(failedChecks)
if (testExit !== '' && !report) console.log(`The tests left no report (exit code ${testExit}): they crashed or ran out of time.`)
// A crash, an unhandled rejection or a run without tests fails although no single test did.
if ((testExit !== '0' && failed === 0) || (passed === 0 && failed === 0)) failed = 1

console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
