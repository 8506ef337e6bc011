/** @module One probe of a container, once: HTTP and TCP from the node to the pod's address, or a command inside. */

import type { ChildProcess } from 'node:child_process';
import { request } from 'node:http';
import { connect } from 'node:net';
import type { Container, Probe } from 'kubernetes-types/core/v1.js';

/** What probing needs to know of the container. */
export interface ProbeTarget {
  readonly address: string;
  readonly container: Container;
  exec(argv: readonly string[]): ChildProcess;
}

/** Undefined when the probe succeeds, else the kubelet's words for what it saw. */
export type ProbeAnswer = string | undefined;

/** Runs a probe once, for at most its `timeoutSeconds`. */
export function probeOnce(probe: Probe, target: ProbeTarget): Promise<ProbeAnswer> {
  const timeoutMs = (probe.timeoutSeconds ?? 1) * 1000;
  if (probe.httpGet) return probeHttp(probe.httpGet, target, timeoutMs);
  if (probe.tcpSocket) return probeTcp(probe.tcpSocket, target, timeoutMs);
  if (probe.exec) return probeCommand(probe.exec.command ?? [], target, timeoutMs);
  return Promise.resolve(`this kubelet does not know the probe ${Object.keys(probe).join(', ')}`);
}

function portNumber(port: number | string, container: Container): number {
  if (typeof port === 'number') return port;
  return container.ports?.find(({ name }) => name === port)?.containerPort ?? Number(port);
}

function probeHttp(get: NonNullable<Probe['httpGet']>, target: ProbeTarget, timeoutMs: number): Promise<ProbeAnswer> {
  const host = get.host ?? target.address;
  const port = portNumber(get.port, target.container);
  const url = `http://${host}:${port}${get.path ?? '/'}`;
  if (get.scheme === 'HTTPS') return Promise.resolve('this kubelet does not probe over HTTPS');
  const headers = Object.fromEntries((get.httpHeaders ?? []).map(({ name, value }) => [name, value]));
  return new Promise((resolve) => {
    const call = request(url, {
      headers: { 'user-agent': 'kube-probe/1.36', ...headers },
      agent: false,
      timeout: timeoutMs,
    });
    const timer = setTimeout(() => call.destroy(new Error('context deadline exceeded')), timeoutMs);
    call.on('response', (response) => {
      clearTimeout(timer);
      response.resume();
      const code = response.statusCode ?? 0;
      resolve(code >= 200 && code < 400 ? undefined : `HTTP probe failed with statuscode: ${code}`);
    });
    call.on('error', (error) => {
      clearTimeout(timer);
      resolve(`Get "${url}": ${error.message}`);
    });
    call.end();
  });
}

function probeTcp(tcp: NonNullable<Probe['tcpSocket']>, target: ProbeTarget, timeoutMs: number): Promise<ProbeAnswer> {
  const port = portNumber(tcp.port, target.container);
  return new Promise((resolve) => {
    const socket = connect({ host: tcp.host ?? target.address, port, timeout: timeoutMs });
    const end = (answer: ProbeAnswer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.on('connect', () => end(undefined));
    socket.on('timeout', () => end(`dial tcp ${target.address}:${port}: i/o timeout`));
    socket.on('error', (error) => end(error.message));
  });
}

function probeCommand(argv: readonly string[], target: ProbeTarget, timeoutMs: number): Promise<ProbeAnswer> {
  let child: ChildProcess;
  try {
    child = target.exec(argv);
  } catch (error) {
    // Why: the pod's directory goes with the pod, between two probes.
    return Promise.resolve((error as Error).message);
  }
  child.stdin?.end();
  return new Promise((resolve) => {
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        output = `${output}${chunk}`.slice(0, 1000);
      });
    }
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    child.on('close', (code) => {
      clearTimeout(timer);
      if (code === 0) resolve(undefined);
      else
        resolve(
          code === null ? `command timed out after ${timeoutMs / 1000}s` : output.trim() || `exit status ${code}`,
        );
    });
  });
}
