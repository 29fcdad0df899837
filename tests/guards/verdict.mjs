// What a test run says about a guard. Kept apart from the script that builds and runs, so that it can be tested by itself.

/** The counts of an xunit run and why cases were skipped; null if the run ended without a summary. */
export function readRun(output) {
  const summary = output.match(/Total: (\d+)(?:, Errors: (\d+), Failed: (\d+), Skipped: (\d+))?/);
  if (summary === null)
    return null;
  const [total, errors, failed, skipped] = summary.slice(1).map(count => Number(count ?? 0));
  const reasons = [...output.matchAll(/\[SKIP\]\s*\n\s*(.+)/g)].map(match => match[1].trim());
  return { total, failed: failed + errors, skipped, missing: [...new Set(reasons)].join(' ') };
}

/** Why the test cannot vouch for its guard here, by a run with the guard in place; null if it can. */
export function judgeBefore(run, test) {
  if (run === null)
    return `FAULT: ${test} ended without a result, with the guard in place`;
  if (run.total === 0)
    return `FAULT: there is no test ${test}`;
  if (run.failed > 0)
    return `FAULT: ${test} fails with the guard in place (${run.failed} of ${run.total})`;
  return run.skipped === run.total ? notProven(run) : null;
}

/** The verdict, by a run without the guard. */
export function judge(run, test) {
  if (run === null)
    return `FAULT: ${test} ended without a result`;
  if (run.failed > 0)
    return `red: ${run.failed} of ${run.total}`;
  return run.skipped > 0 ? notProven(run) : `FAULT: ${test} stays green (${run.total} run)`;
}

function notProven(run) {
  return `NOT PROVEN: ${run.skipped} of ${run.total} skipped. ${run.missing}`;
}
