import { afterAll, describe, expect, test } from 'vitest';
import { carriedOver, races, unmatched } from './races.ts';
import { readFixture, readScenarios } from './recording.ts';
import { type Difference, deployUnrecorded, type Findings, startReplay } from './replay.ts';

/** Each scenario starts where the one before ended, so this is one chain and the order of the tests matters. */
describe('the recorded scenarios of Juju 4.0.15', () => {
  const scenarios = readScenarios();
  const replay = startReplay();
  const all: Findings[] = [];
  const differences: Difference[] = [];

  test('there are 37 of them', () => {
    expect(scenarios).toHaveLength(37);
  });

  test.each(scenarios.map((s) => [s.name, s.operator, s] as const))('%s: %s', (name, _operator, scenario) => {
    if (name === 'attach-resource') {
      deployUnrecorded(replay, scenarios.find((s) => s.name === 'install-file-resource')!, 'delta', 'zeta', 'peers:7');
    }
    const found = replay.play(scenario);
    all.push(found);
    differences.push(...found.differences);
    expect(found.notDue, 'recorded hooks that are not due here').toEqual([]);
    expect(
      found.reordered.filter((r) => !races.some((race) => race.fits(r))),
      'hooks out of order',
    ).toEqual([]);
    expect(
      found.left.map((l) => `${l.unit} ${l.hook}`),
      'hooks still due',
    ).toEqual(carriedOver[name] ?? []);
    expect(
      found.differences.filter((d) => !unmatched.some((u) => u.fits(d))),
      'answers',
    ).toEqual([]);
  });

  test('every race is seen, every unmatched answer is counted', () => {
    const reordered = all.flatMap((f) => f.reordered);
    expect(races.filter((race) => !reordered.some(race.fits)).map((r) => r.name)).toEqual([]);
    const first = (d: Difference) => unmatched.findIndex((u) => u.fits(d));
    const counts = unmatched.map((u, n) => ({ why: u.why, count: differences.filter((d) => first(d) === n).length }));
    expect(counts).toEqual(unmatched.map(({ why, count }) => ({ why, count })));
  });

  test('actions have the results that the juju client printed', () => {
    for (const name of ['ok', 'fail', 'die']) {
      const printed = JSON.parse(/^\{.*\}$/m.exec(readFixture(`client-action-${name}.txt`))![0])['alpha/0'];
      const action = actions().find((a) => a.id === Number(printed.id));
      expect({ status: action?.state, message: action?.message || undefined, results: action?.results }).toEqual({
        status: printed.status,
        message: printed.message,
        results: printed.results,
      });
    }
  });

  const kept = replay.model;
  const actions = () => kept.actions;

  afterAll(() => {
    const sum = (pick: (f: Findings) => number) => all.reduce((n, f) => n + pick(f), 0);
    const counts = { hooks: sum((f) => f.hooks), calls: sum((f) => f.calls), moments: sum((f) => f.moments) };
    expect(counts.hooks).toBe(283);
    if (process.env.REPLAY_COUNTS)
      console.log(counts, { reordered: sum((f) => f.reordered.length), differences: differences.length });
  });
});
