/** @module Starts one container of a pod: image, specification, process; each refusal ends in the record's state. */

import { readFileSync } from 'node:fs';
import type { ContainerStateTerminated, Pod } from 'kubernetes-types/core/v1.js';
import type { Image } from '../images.ts';
import { PullFailed } from '../images.ts';
import { Container, type Exit, StartFailed } from '../runtime/container.ts';
import { UserRefused } from '../runtime/user.ts';
import { afterExit, afterPullFailure } from './backoff.ts';
import { containerSpec, type PodGround, terminationLog } from './container-spec.ts';
import { ConfigError } from './env.ts';
import { apiTime } from './pod-status.ts';
import type { KubeletPorts } from './ports.ts';
import { type ContainerRecord, lastEnd } from './record.ts';

/** Why a retry after a configuration error waits: the missing object is likely to come. */
const CONFIG_RETRY_MS = 500;

/** Starts the container, or leaves in its record why it could not be; an aborted `signal` ends a pull that hangs. */
export async function startContainer(
  ports: KubeletPorts,
  ground: PodGround,
  record: ContainerRecord,
  signal: AbortSignal,
): Promise<Container | undefined> {
  const { pod } = ground;
  try {
    const image = await pulled(ports, pod, record, signal);
    const attempts = lastEnd(record) ? record.restarts + 1 : record.restarts;
    const container = await Container.start(containerSpec(ground, record.container, image, attempts));
    markRunning(record, container, attempts);
    return container;
  } catch (error) {
    await refuse(ports, ground, record, error);
    return undefined;
  }
}

async function pulled(
  ports: KubeletPorts,
  pod: Pod,
  { container }: ContainerRecord,
  signal: AbortSignal,
): Promise<Image> {
  const { images, events } = ports;
  const reference = container.image ?? '';
  const policy = container.imagePullPolicy ?? 'IfNotPresent';
  const present = images.isPresent(reference);
  if (policy === 'Never' && !present) {
    throw new PullFailed(reference, `Container image "${reference}" is not present with pull policy of Never`);
  }
  const known = images.get(reference);
  if (known && present && policy !== 'Always') return known;
  await events.tell('Pod', pod, 'Pulling', `Pulling image "${reference}"`);
  return Promise.race([images.pull(reference), cancelled(reference, signal)]);
}

function cancelled(reference: string, signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = () => reject(new PullFailed(reference, 'context canceled'));
    if (signal.aborted) end();
    signal.addEventListener('abort', end, { once: true });
  });
}

function markRunning(record: ContainerRecord, container: Container, attempts: number): void {
  const before = lastEnd(record);
  if (before) record.last = before;
  record.restarts = attempts;
  record.id = container.id;
  record.started = false;
  record.ready = false;
  record.pullBackoffMs = 0;
  record.state = { running: { startedAt: apiTime(container.startedAt) } };
}

async function refuse(ports: KubeletPorts, ground: PodGround, record: ContainerRecord, error: unknown): Promise<void> {
  const now = Date.now();
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof PullFailed) {
    afterPullFailure(record, now, ports.pace.restartMs);
    record.state = { waiting: { reason: 'ErrImagePull', message } };
    await ports.events.warn(
      'Pod',
      ground.pod,
      'Failed',
      `Failed to pull image "${record.container.image}": ${message}`,
    );
  } else if (error instanceof StartFailed) {
    markEnd(ports, record, { reason: 'StartError', message, exitCode: 128, finishedAt: apiTime(new Date()) }, 0);
    await ports.events.warn('Pod', ground.pod, 'Failed', `Error: ${message}`);
  } else {
    const known = error instanceof ConfigError || error instanceof UserRefused;
    if (!known) ports.log(`pod ${ground.pod.metadata?.name}: ${error instanceof Error ? error.stack : message}`);
    record.notBefore = now + CONFIG_RETRY_MS;
    record.state = { waiting: { reason: known ? error.reason : 'CreateContainerError', message } };
    await ports.events.warn('Pod', ground.pod, 'Failed', `Error: ${message}`);
  }
}

/** Writes the end of a container into its record: exit code as the API counts it, last words, back-off. */
export function recordExit(
  ports: KubeletPorts,
  ground: Pick<PodGround, 'podDirectory'>,
  record: ContainerRecord,
  container: Container,
  exit: Exit,
): void {
  const exitCode = exit.signal > 0 ? 128 + exit.signal : exit.code;
  const now = new Date();
  const message = lastWords(ground, record, exitCode, container.spec.log.path);
  const end: ContainerStateTerminated = {
    exitCode,
    reason: exitCode === 0 ? 'Completed' : 'Error',
    ...(message && { message }),
    startedAt: apiTime(container.startedAt),
    finishedAt: apiTime(now),
    containerID: `lab://${container.id}`,
  };
  markEnd(ports, record, end, now.getTime() - container.startedAt.getTime());
}

function markEnd(ports: KubeletPorts, record: ContainerRecord, end: ContainerStateTerminated, ranMs: number): void {
  if (record.state.terminated) record.last = record.state.terminated;
  if (lastEnd(record) && !record.state.running) record.restarts += 1;
  record.started = false;
  record.ready = false;
  record.state = { terminated: end };
  afterExit(record, ranMs, Date.now(), ports.pace.restartMs);
}

/** The termination message: at most 4096 bytes of the file, or the log's end where the policy says so. */
function lastWords(
  ground: Pick<PodGround, 'podDirectory'>,
  { container }: ContainerRecord,
  exitCode: number,
  logPath: string,
): string {
  const words = tail(terminationLog(ground, container), 4096);
  if (words || exitCode === 0 || container.terminationMessagePolicy !== 'FallbackToLogsOnError') return words;
  return tail(logPath, 2048).replaceAll(/^\S+Z std(?:out|err) F /gm, '');
}

function tail(path: string, bytes: number): string {
  try {
    return readFileSync(path).subarray(-bytes).toString();
  } catch {
    return '';
  }
}
