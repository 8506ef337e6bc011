/** @module Changes and their tasks: what Pebble does about a request, step by step, with a log. */
import { now, rfc3339, rfc3339Seconds } from './clock.ts';
import type { Notices } from './notices.ts';

/** In the order in which a task's status decides that of its change. */
const statuses = ['Abort', 'Undoing', 'Undo', 'Doing', 'Do', 'Wait', 'Error', 'Undone', 'Done', 'Hold'] as const;

/** Status of a task or of a change. */
export type Status = (typeof statuses)[number];

/** What a task does; it ends well by returning and badly by throwing, and gives up when `signal` is aborted. */
export type Work = (task: Task, signal: AbortSignal) => Promise<void>;

/** A step to make: `after` are indices of earlier steps that must have ended well. */
export interface Step {
  readonly kind: string;
  readonly summary: string;
  readonly work: Work;
  readonly after: readonly number[];
}

const ready: ReadonlySet<Status> = new Set(['Error', 'Undone', 'Done', 'Hold']);

/** One step of a change. */
export class Task {
  readonly id: string;
  readonly step: Step;
  readonly abort = new AbortController();
  readonly log: string[] = [];
  data: Record<string, unknown> | undefined;
  readonly #spawned = now();
  #readyAt: bigint | undefined;
  #status: Status = 'Do';
  readonly #changed: () => void;

  constructor(id: string, step: Step, changed: () => void) {
    this.id = id;
    this.step = step;
    this.#changed = changed;
  }

  get status(): Status {
    return this.#status;
  }

  set status(status: Status) {
    this.#status = status;
    this.#readyAt = ready.has(status) ? now() : undefined;
    this.#changed();
  }

  /** Adds a line to the log, which keeps the last ten. */
  write(level: 'INFO' | 'ERROR', message: string): void {
    this.log.push(`${rfc3339Seconds(now())} ${level} ${message}`);
    if (this.log.length > 10) this.log.shift();
  }

  toJson(): object {
    const done = this.#status === 'Do' ? 0 : 1;
    return {
      id: this.id,
      kind: this.step.kind,
      summary: this.step.summary,
      status: this.#status,
      ...(this.log.length === 0 ? {} : { log: this.log }),
      progress: { label: '', done, total: 1 },
      'spawn-time': rfc3339(this.#spawned),
      ...(this.#readyAt === undefined ? {} : { 'ready-time': rfc3339(this.#readyAt) }),
      ...(this.data === undefined ? {} : { data: this.data }),
    };
  }
}

/** A group of tasks with one outcome. */
export class Change {
  readonly id: string;
  readonly kind: string;
  readonly summary: string;
  readonly services: readonly string[];
  readonly tasks: readonly Task[];
  /** Settles when every task has ended, however. */
  readonly ended: Promise<void>;
  readonly #spawned = now();
  #readyAt: bigint | undefined;

  constructor(changes: Changes, id: string, request: ChangeRequest) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.id = id;
    this.kind = request.kind;
    this.summary = request.summary;
    this.services = request.services ?? [];
    this.ended = promise;
    let noted: Status | undefined;
    const changed = () => {
      const status = this.status;
      if (this.isReady && this.#readyAt === undefined) this.#readyAt = now();
      // Why: between two steps the status falls back to Do for a moment; Pebble does not tell of that.
      if (status !== noted && !(noted === 'Doing' && status === 'Do')) {
        changes.note(this, request);
        noted = status;
      }
      if (this.isReady) resolve();
    };
    this.tasks = request.steps.map((step) => new Task(changes.nextTaskId(), step, changed));
    changed();
  }

  get status(): Status {
    if (this.tasks.length === 0) return 'Done';
    return statuses.find((status) => this.tasks.some((task) => task.status === status))!;
  }

  get isReady(): boolean {
    return ready.has(this.status);
  }

  /** Pebble's summary of what failed; undefined when nothing did. */
  get error(): string | undefined {
    if (this.status !== 'Error') return undefined;
    const failed = this.tasks.filter((task) => task.status === 'Error');
    const lines = failed.flatMap((task) => task.log.flatMap((line) => errorLine(task, line)));
    return `cannot perform the following tasks:\n${lines.join('\n')}`;
  }

  /** Gives up what runs and holds what has not begun. */
  abort(): void {
    for (const task of this.tasks) {
      if (task.status === 'Do') task.status = 'Hold';
      else if (task.status === 'Doing') {
        task.status = 'Abort';
        task.abort.abort();
      }
    }
  }

  toJson(): object {
    const error = this.error;
    return {
      id: this.id,
      kind: this.kind,
      summary: this.summary,
      status: this.status,
      ...(this.tasks.length === 0 ? {} : { tasks: this.tasks.map((task) => task.toJson()) }),
      ready: this.isReady,
      ...(error === undefined ? {} : { err: error }),
      'spawn-time': rfc3339(this.#spawned),
      ...(this.#readyAt === undefined ? {} : { 'ready-time': rfc3339(this.#readyAt) }),
    };
  }
}

/** What a change is to be: `noticeData` goes into its notices beside its kind. */
export interface ChangeRequest {
  readonly kind: string;
  readonly summary: string;
  readonly steps: readonly Step[];
  readonly services?: readonly string[];
  readonly noticeData?: Readonly<Record<string, string>>;
}

/** All changes of one Pebble; every status of each is told in a `change-update` notice. */
export class Changes {
  readonly #notices: Notices;
  readonly #changes = new Map<string, Change>();
  #lastChange = 0;
  #lastTask = 0;

  constructor(notices: Notices) {
    this.#notices = notices;
  }

  /** Makes a change and begins with its steps on the next turn. */
  start(request: ChangeRequest): Change {
    const change = new Change(this, String(++this.#lastChange), request);
    this.#changes.set(change.id, change);
    const runs: Promise<void>[] = [];
    for (const task of change.tasks) {
      const before = task.step.after.map((index) => runs[index]!);
      const needs = task.step.after.map((index) => change.tasks[index]!);
      runs.push(Promise.all(before).then(() => run(task, needs)));
    }
    return change;
  }

  find(id: string): Change | undefined {
    return this.#changes.get(id);
  }

  list(): Change[] {
    return [...this.#changes.values()];
  }

  findTask(id: string): Task | undefined {
    return this.list()
      .flatMap((change) => change.tasks)
      .find((task) => task.id === id);
  }

  nextTaskId(): string {
    return String(++this.#lastTask);
  }

  note(change: Change, request: ChangeRequest): void {
    this.#notices.add(null, 'change-update', change.id, { kind: change.kind, ...request.noticeData });
  }
}

async function run(task: Task, needs: readonly Task[]): Promise<void> {
  if (needs.some((other) => other.status !== 'Done') && task.status === 'Do') task.status = 'Hold';
  if (task.status !== 'Do') return;
  task.status = 'Doing';
  try {
    await task.step.work(task, task.abort.signal);
    if (task.abort.signal.aborted) task.status = 'Undo';
    task.status = 'Done';
  } catch (error) {
    if (task.status === 'Doing') task.status = 'Abort';
    task.write('ERROR', (error as Error).message);
    task.status = 'Error';
  }
}

function errorLine(task: Task, line: string): string[] {
  const message = /^\S+ ERROR (.*)$/s.exec(line)?.[1];
  return message === undefined ? [] : [`- ${task.step.summary} (${message})`];
}
