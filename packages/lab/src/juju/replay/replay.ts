/** @module Drives the stand-in's model through a recorded scenario and notes every difference. */

import { clearDeadRelations } from '../model/relations.ts';
import { type Model, newModel, type Unit, unitOf } from '../model/state.ts';
import { type HookContext, noWrites, openContext } from '../uniter/context.ts';
import { dueHooks } from '../uniter/due.ts';
import { hookEnvironment } from '../uniter/environment.ts';
import { type HookInfo, hookKey } from '../uniter/hook.ts';
import { beginHook, endAction, endHook, podReplaced } from '../uniter/step.ts';
import type { WorldOptions } from '../uniter/world.ts';
import { deployRecorded, type OperatorStep, operatorSteps } from './operator.ts';
import { type RecordedCall, type RecordedHook, type Scenario, type Step, stepsOf } from './recording.ts';

/** A recorded hook that the stand-in would have run later: it would have run `instead`. */
export interface Reordered {
  readonly scenario: string;
  readonly unit: string;
  readonly hook: string;
  readonly instead: string;
}

/** An answer or environment that differs from the recorded one. */
export interface Difference {
  readonly scenario: string;
  readonly unit: string;
  readonly hook: string;
  readonly what: string;
  readonly recorded: string;
  readonly given: string;
}

/** What a replay found. */
export interface Findings {
  readonly reordered: Reordered[];
  readonly differences: Difference[];
  /** Recorded hooks that the stand-in does not think due at all. */
  readonly notDue: Reordered[];
  /** Hooks still due when a scenario has ended. */
  readonly left: Reordered[];
  hooks: number;
  calls: number;
  /** Answers that were right a moment earlier. */
  moments: number;
}

/** The chain of scenarios: state carries over from one to the next. */
export interface Replay {
  readonly model: Model;
  readonly play: (scenario: Scenario) => Findings;
}

const LAB = '00000000-0000-4000-8000-000000000001';
const M1 = '00000000-0000-4000-8000-000000000014';

/** Starts a chain with an empty model. */
export function startReplay(): Replay {
  const clock = { base: Date.UTC(2026, 10, 22, 16, 41), ms: 0 };
  const now = () => clock.base + clock.ms;
  let model = newModel('lab', LAB, now);
  return {
    get model() {
      return model;
    },
    play(scenario) {
      clock.base += 3_600_000;
      if (scenario.name === 'flush-failure-storage-add') model = newModel('m1', M1, now);
      clock.ms = -1000;
      clearDeadRelations(model);
      return playScenario(model, scenario, (at) => {
        clock.ms = at;
      });
    },
  };
}

function playScenario(model: Model, scenario: Scenario, setTime: (at: number) => void): Findings {
  const findings: Findings = { reordered: [], differences: [], notDue: [], left: [], hooks: 0, calls: 0, moments: 0 };
  const steps = operatorSteps[scenario.name] ?? [];
  const running = new Map<number, Running>();
  const operator = [...steps, ...agentsAway(scenario)].sort((a, b) => (a.at ?? -1000) - (b.at ?? -1000));
  for (const step of stepsOf(scenario)) {
    runOperator(model, operator, step.at, setTime);
    setTime(step.at);
    playStep(model, scenario, step, running, findings);
  }
  runOperator(model, operator, Number.POSITIVE_INFINITY, setTime);
  for (const unit of model.units.values()) {
    for (const hook of unit.uniter.failed ? [] : dueHooks(model, unit))
      findings.left.push({ scenario: scenario.name, unit: unit.name, hook: hookKey(hook), instead: '' });
  }
  return findings;
}

/** An agent is noticed to be away a moment after the stop hook of a pod that is replaced, and back before upgrade-charm. */
function agentsAway(scenario: Scenario): OperatorStep[] {
  return scenario.hooks
    .filter(({ hook }) => hook === 'hooks/stop' || hook === 'hooks/upgrade-charm')
    .map(({ unit, hook, startedMs, endedMs }) => ({
      at: hook === 'hooks/stop' ? endedMs + 350 : startedMs - 1200,
      run: (model) => {
        const found = model.units.get(unit);
        if (found?.uniter.shutdown === 'done') found.lost = hook === 'hooks/stop';
      },
    }));
}

interface Running {
  /** Answers of calls that look at other units, as they would have been at the hook's beginning. */
  readonly early: ReadonlyMap<string, string>;
  readonly unit: Unit;
  readonly hook: HookInfo;
  readonly context: HookContext;
}

function runOperator(model: Model, steps: OperatorStep[], until: number, setTime: (at: number) => void): void {
  while (steps[0] && (steps[0].at ?? -1000) <= until) {
    const step = steps.shift()!;
    setTime(step.at ?? -1000);
    step.run(model);
  }
}

function playStep(
  model: Model,
  scenario: Scenario,
  step: Step,
  running: Map<number, Running>,
  findings: Findings,
): void {
  const recorded = scenario.hooks[step.hook]!;
  const about = { scenario: scenario.name, unit: recorded.unit, hook: recorded.hook };
  if (step.kind === 'begin') {
    const begun = begin(model, recorded, about, findings);
    if (begun) running.set(step.hook, begun);
    return;
  }
  const run = running.get(step.hook);
  if (!run) return;
  if (step.kind === 'call') playCall(run, step.call, about, findings);
  else end(model, run, recorded);
}

type About = Pick<Difference, 'scenario' | 'unit' | 'hook'>;

function begin(model: Model, recorded: RecordedHook, about: About, findings: Findings): Running | undefined {
  findings.hooks++;
  const unit = unitOf(model, recorded.unit);
  outside(model, unit, recorded);
  const due = dueHooks(model, unit);
  const hook = due.find((h) => recordedKey(recorded) === hookKey(h));
  if (!hook) {
    findings.notDue.push({ ...about, hook: recordedKey(recorded), instead: due.map(hookKey).join(', ') });
    return undefined;
  }
  if (hook !== due[0]) findings.reordered.push({ ...about, hook: hookKey(hook), instead: hookKey(due[0]!) });
  compareEnvironment(model, unit, hook, recorded, about, findings);
  beginHook(model, unit, hook);
  const context = openContext(model, unit, hook, worldOptions, secretIds(recorded));
  const early = recorded.calls
    .filter(looksAtOthers)
    .map((call): [string, string] => [callText(call), answerTo(context, call)]);
  return { unit, hook, context, early: new Map(early) };
}

/** What happens outside of Juju before a hook: pods come up, containers answer. */
function outside(model: Model, unit: Unit, recorded: RecordedHook): void {
  const name = recorded.hook.replace('hooks/', '');
  const address = recordedAddress(recorded) ?? unit.address;
  const fresh = name === 'upgrade-charm' || (name === 'install' && unit.podUid === '');
  if (fresh) podReplaced(model, unit, { uid: `pod-${model.now()}`, address });
  unit.address = address;
  const container = recorded.env.JUJU_WORKLOAD_NAME;
  if (container) unit.uniter.workload.push({ name, workload: { container } });
}

function recordedAddress(recorded: RecordedHook): string | undefined {
  const call = recorded.calls.find((c) => c.tool === 'network-get' && c.rc === 0);
  const answer = call && (JSON.parse(call.stdout) as { 'bind-addresses': { addresses: { value: string }[] }[] });
  return answer?.['bind-addresses'][0]?.addresses[0]?.value;
}

/** The key of `hookKey`, from the recorded environment. */
function recordedKey({ hook, env }: RecordedHook): string {
  const name = hook.replace(/^(hooks|actions)\//, '');
  const relation = env.JUJU_RELATION_ID && `${env.JUJU_RELATION_ID} ${env.JUJU_REMOTE_UNIT ?? ''}`.trim();
  const secret =
    env.JUJU_SECRET_ID && `${env.JUJU_SECRET_ID.replace('secret:', '')} ${env.JUJU_SECRET_REVISION ?? ''}`.trim();
  return [name, relation, secret, env.JUJU_STORAGE_ID, env.JUJU_WORKLOAD_NAME, env.JUJU_ACTION_UUID]
    .filter(Boolean)
    .join(' ');
}

function compareEnvironment(
  model: Model,
  unit: Unit,
  hook: HookInfo,
  recorded: RecordedHook,
  about: About,
  findings: Findings,
): void {
  const kubernetes = Object.fromEntries(Object.entries(recorded.env).filter(([key]) => key.startsWith('KUBERNETES_')));
  const around = { apiAddresses: ['10.152.183.11:17070'], cloudApiVersion: '1.36.0', kubernetes, sequence: 1 };
  const env: Record<string, string> = hookEnvironment(model, unit, hook, around);
  for (const key of new Set([...Object.keys(env), ...Object.keys(recorded.env)])) {
    const mask = (value: string | undefined) =>
      key === 'JUJU_CONTEXT_ID' ? value?.replace(/[0-9a-f]{32}$/, '') : value;
    const [want, given] = [mask(recorded.env[key]), mask(env[key])];
    if (want !== given)
      findings.differences.push({ ...about, what: key, recorded: String(want), given: String(given) });
  }
}

const worldOptions: WorldOptions = {
  cloud: () => ({
    type: 'kubernetes',
    name: 'kt',
    endpoint: 'KUBERNETES-URL',
    credential: { 'auth-type': 'oauth2', attrs: { Token: 'MASKED-TOKEN' } },
    cacertificates: ['MASKED-PEM'],
    'is-controller-cloud': true,
  }),
  controllerUrl: 'CONTROLLER-URL',
  log: () => {},
};

/** New secrets get the recorded ids. */
function secretIds(recorded: RecordedHook): () => string {
  const ids = recorded.calls
    .filter((c) => c.tool === 'secret-add' && c.rc === 0)
    .map((c) => c.stdout.trim().split('/').at(-1)!);
  return () => ids.shift() ?? 's000000000000000none';
}

/**
 * Compares one call.
 *
 * Why twice: calls have no recorded times, and other units' statuses change meanwhile; what was true when the hook began
 * is accepted for goal-state and status-get (counted as `moments`).
 */
function playCall(run: Running, call: RecordedCall, about: About, findings: Findings): void {
  if (call.tool === undefined || call.rc === null) return;
  findings.calls++;
  const recorded = shownAnswer(call.rc, call.stdout, call.stderr);
  const given = answerTo(run.context, call);
  if (recorded === given) return;
  if (run.early.get(callText(call)) === recorded) findings.moments++;
  else findings.differences.push({ ...about, what: callText(call), recorded, given });
}

function looksAtOthers(call: RecordedCall): boolean {
  return call.tool === 'goal-state' || (call.tool === 'status-get' && (call.args ?? []).includes('--application'));
}

function callText(call: RecordedCall): string {
  return [call.tool, ...(call.args ?? [])].join(' ');
}

function answerTo(context: HookContext, call: RecordedCall): string {
  const answer = context.call(call.tool ?? '', call.args ?? [], call.stdin ?? '');
  return shownAnswer(answer.code, answer.stdout, answer.stderr);
}

/** Times of goal-state are masked; everything else is compared. */
function shownAnswer(code: number, stdout: string, stderr: string): string {
  const masked = stdout.replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ/g, 'TIME');
  return `${code} ${masked}${stderr}`;
}

function end(model: Model, { unit, hook, context }: Running, recorded: RecordedHook): void {
  if (hook.action) {
    const output =
      recorded.hook === 'actions/probe' ? { stdout: 'to stdout\n', stderr: 'to stderr\n' } : { stdout: '', stderr: '' };
    endAction(model, unit, hook.action.id, { exit: recorded.exit, ...output }, context.writes());
    return;
  }
  const exit = recorded.exit === 0 && context.problem() ? 1 : recorded.exit;
  endHook(model, unit, hook, exit, exit === 0 ? context.writes() : noWrites);
}

/** Replays another application's installation under a new name, unchecked: zeta's deployment was not recorded. */
export function deployUnrecorded(
  replay: Replay,
  installation: Scenario,
  from: string,
  to: string,
  peers: string,
): void {
  deployRecorded(replay.model, to, true);
  const text = JSON.stringify(installation)
    .replaceAll(from, to)
    .replaceAll(/peers:\d+/g, peers);
  replay.play({ ...(JSON.parse(text) as Scenario), name: `install-${to}` });
}
