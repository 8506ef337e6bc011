/** @module What happens in the model when agents come, go, and report. */

import type { KubeClient } from '@vpn-k8s/kube';
import { pods } from '@vpn-k8s/kube';
import type { AgentResource } from './agent/protocol.ts';
import type { AgentEvents } from './agents.ts';
import { addUnit } from './model/operator.ts';
import { synchronizeScopes } from './model/relations.ts';
import { type Application, applicationOf, type Model, type Unit, unitOf } from './model/state.ts';
import type { Provisioner } from './provisioner.ts';
import { sameHook } from './uniter/hook.ts';
import { podReplaced } from './uniter/step.ts';

/** What the events work on. */
export interface AgentEventPorts {
  readonly model: Model;
  readonly kube: KubeClient;
  readonly provisioner: Provisioner;
  readonly log: (unit: string, level: string, line: string) => void;
  readonly wake: () => void;
  readonly exitIfDone: (unit: string) => void;
}

/** The controller's answers to agents. */
export function agentEvents(ports: AgentEventPorts): AgentEvents {
  const { model } = ports;
  return {
    trusts: (application, password) =>
      model.applications.has(application) && ports.provisioner.password(application) === password,
    introduce: async ({ application, pod }) => unitForPod(model, application, pod).name,
    archive: (unit) => applicationOf(model, unitOf(model, unit).application).charm.archive,
    connected: (who) => connected(ports, who),
    lost: (name) => {
      const unit = model.units.get(name);
      if (unit) unit.lost = true;
      ports.wake();
    },
    workload: (name, event) => {
      const { uniter } = unitOf(model, name);
      if (!uniter.workload.some((waiting) => sameHook(waiting, event))) uniter.workload.push(event);
      ports.wake();
    },
    shutdown: (name) => {
      const unit = unitOf(model, name);
      if (unit.life === 'alive' && unit.uniter.shutdown === 'no') unit.uniter.shutdown = 'asked';
      ports.wake();
      ports.exitIfDone(name);
    },
    log: ports.log,
  };
}

/** Pod `<app>-<n>` is unit `<app>/<n>`; beyond the scale there is none. */
function unitForPod(model: Model, name: string, pod: string): Unit {
  const application = applicationOf(model, name);
  const number = Number(pod.slice(name.length + 1));
  if (!Number.isInteger(number) || !pod.startsWith(`${name}-`))
    throw new Error(`pod "${pod.slice(0, 60)}" is none of application "${name}"`);
  const known = model.units.get(`${name}/${number}`);
  if (known && known.life !== 'dead') return known;
  if (application.life !== 'alive' || number >= application.scale)
    throw new Error(`unit ${name}/${number} not assigned`);
  while (application.scale <= number) addUnit(model, name);
  return unitOf(model, `${name}/${number}`);
}

async function connected({ model, kube, wake }: AgentEventPorts, who: { unit: string; uid: string; process: string }) {
  const unit = unitOf(model, who.unit);
  const application = applicationOf(model, unit.application);
  const pod = await kube.get(pods, who.unit.replace('/', '-'), { namespace: model.name });
  podReplaced(model, unit, { uid: who.uid, process: who.process, address: pod?.status?.podIP ?? '' });
  synchronizeScopes(model);
  // Why later: the agent has to be in the list of those connected before its first hook.
  setImmediate(wake);
  const containers = application.charm.metadata.containers.map((c) => c.name);
  return { charm: application.charm.hash, containers, resources: resourcesOf(application) };
}

/** An image's resource is a YAML file with its reference; a file's is the file. */
function resourcesOf(application: Application): AgentResource[] {
  return Object.entries(application.resources).map(([name, value]) => {
    const spec = application.charm.metadata.resources[name];
    const isImage = spec?.type === 'oci-image';
    const text = isImage ? `registrypath: ${value}\nusername: ""\npassword: ""\n` : value;
    return { path: isImage ? 'content.yaml' : (spec?.filename ?? name), base64: Buffer.from(text).toString('base64') };
  });
}
