/** @module The Juju controller of the lab: one model, its operator's commands, its agents and its objects in the cluster. */

import { randomUUID } from 'node:crypto';
import type { ConfigValue, Json } from '@vpn-k8s/charm-testing';
import type { KubeClient } from '@vpn-k8s/kube';
import type { ApiServer } from '@vpn-k8s/kube-testing';
import { agentEvents } from './agent-events.ts';
import { Agents } from './agents.ts';
import { readCharm } from './charm/archive.ts';
import { Housekeeping } from './housekeeping.ts';
import { JUJU_REPO, JUJU_VERSION } from './images.ts';
import { LEASE_MS } from './leadership.ts';
import * as operator from './model/operator.ts';
import { findRelation, integrate, removeRelation } from './model/relations.ts';
import { setSecret } from './model/secrets.ts';
import { type Action, applicationOf, type Model, newModel, unitOf, unitsOf } from './model/state.ts';
import type { ModelContext } from './objects/names.ts';
import { Provisioner } from './provisioner.ts';
import { presented, statusText } from './status-text.ts';
import { HookQueue, type HookRecord } from './uniter/queue.ts';
import { dropUnit, jujuRetries, type RetryTimes } from './uniter/step.ts';
import { registerWebhook } from './webhook.ts';

/** How a controller is started. */
export interface ControllerOptions {
  /** The API server stand-in: for the webhook and for tokens of credential-get. */
  readonly api?: ApiServer;
  readonly kube: KubeClient;
  /** The model's name, which is also its namespace (it must exist). */
  readonly model: string;
  /** Where agents connect; port 0 takes a free one. */
  readonly host: string;
  readonly port: number;
  readonly log?: (line: string) => void;
  /** 300 by default, real time. */
  readonly updateStatusSeconds?: number;
  readonly retries?: RetryTimes;
  readonly leaseMs?: number;
  /** Juju's agents look every 5 s whether a Pebble was started again. */
  readonly pebblePollMs?: number;
  readonly version?: string;
  readonly imageRepo?: string;
}

/** `juju deploy ./x.charm`. */
export interface DeployRequest extends operator.DeployOptions {
  /** Path of the packed charm. */
  readonly charm: string;
}

/** A running controller with one model. */
export class Controller {
  readonly model: Model;
  readonly #options: ControllerOptions;
  readonly #agents: Agents;
  readonly #queue: HookQueue;
  readonly #provisioner: Provisioner;
  readonly #housekeeping: Housekeeping;
  readonly #unregister: () => void;
  readonly #waiting = new Set<() => void>();
  readonly #keepStorage = new Set<string>();

  private constructor(options: ControllerOptions, port: { value: number }) {
    const { kube, host, log = () => {} } = options;
    this.#options = options;
    this.model = newModel(options.model, randomUUID());
    this.model.version = options.version ?? JUJU_VERSION;
    const context: ModelContext = {
      model: this.model,
      controllerUuid: randomUUID(),
      get controllerAddress() {
        return `${host}:${port.value}`;
      },
      imageRepo: options.imageRepo ?? JUJU_REPO,
    };
    const say = (unit: string, level: string, line: string) => log(`unit-${unit.replace('/', '-')}: ${level} ${line}`);
    this.#provisioner = new Provisioner(kube, context, log);
    this.#unregister = options.api ? registerWebhook(options.api.admission, context) : () => {};
    const events = agentEvents({
      model: this.model,
      kube,
      provisioner: this.#provisioner,
      log: say,
      wake: () => this.#changed(),
      exitIfDone: (unit) => this.#exitIfDone(unit),
    });
    this.#agents = new Agents(events, {
      get apiAddress() {
        return `${host}:${port.value}`;
      },
      cloudApiVersion: '1.36.0',
      pebblePollMs: options.pebblePollMs ?? 5000,
    });
    const world = {
      cloud: (application: string) => this.#cloud(application),
      controllerUrl: `https://${host}`,
      log: say,
    };
    const hookPort = {
      dispatch: this.#agents.dispatch.bind(this.#agents),
      surroundings: this.#agents.surroundings.bind(this.#agents),
      flushed: () => {},
    };
    this.#queue = new HookQueue(this.model, hookPort, world, options.retries ?? jujuRetries);
    this.#housekeeping = new Housekeeping(this.model, {
      updateStatusSeconds: options.updateStatusSeconds ?? 300,
      leaseMs: options.leaseMs ?? LEASE_MS,
    });
    this.model.changed = () => this.#changed();
  }

  /** Starts listening for agents. */
  static async start(options: ControllerOptions): Promise<Controller> {
    const port = { value: options.port };
    const controller = new Controller(options, port);
    port.value = await controller.#agents.listen(options.host, options.port);
    controller.#housekeeping.start();
    return controller;
  }

  /** Every hook that was run, oldest first. */
  get hooks(): readonly HookRecord[] {
    return this.#queue.hooks;
  }

  /** Deploys a packed charm; resolves when its objects are in the cluster. */
  async deploy({ charm, ...options }: DeployRequest): Promise<void> {
    const application = operator.deploy(this.model, readCharm(charm), options);
    await this.#provisioner.want(application, 'objects');
  }

  /** `juju integrate a:x b:y`. */
  async integrate(a: string, b: string): Promise<void> {
    integrate(this.model, a, b);
    operator.startRelation(this.model);
  }

  /** `juju remove-relation`; resolves at once, the hooks follow. */
  async removeRelation(a: string, b: string): Promise<void> {
    removeRelation(this.model, findRelation(this.model, a, b));
  }

  /** `juju remove-application`; resolves at once unless `force`, which waits for nobody. Storage goes with it unless `keepStorage`. */
  async removeApplication(name: string, { force = false, keepStorage = false } = {}): Promise<void> {
    if (keepStorage) this.#keepStorage.add(name);
    operator.removeApplication(this.model, name);
    for (const unit of unitsOf(this.model, name)) if (force || unit.podUid === '') dropUnit(this.model, unit);
    if (force) await this.#provisioner.remove(applicationOf(this.model, name), !keepStorage);
    this.#changed();
  }

  /** `juju add-unit`. */
  async addUnit(name: string, count = 1): Promise<void> {
    await this.scale(name, applicationOf(this.model, name).scale + count);
  }

  /** `juju remove-unit --num-units`: the highest numbers go. */
  async removeUnit(name: string, count = 1): Promise<void> {
    await this.scale(name, Math.max(0, applicationOf(this.model, name).scale - count));
  }

  /** `juju scale-application`. */
  async scale(name: string, count: number): Promise<void> {
    operator.scaleTo(this.model, name, count);
    for (const unit of unitsOf(this.model, name))
      if (unit.life === 'dying' && unit.podUid === '') dropUnit(this.model, unit);
    await this.#provisioner.want(applicationOf(this.model, name), 'scale');
  }

  /** `juju config app key=value`. */
  async config(name: string, values: Readonly<Record<string, ConfigValue>>): Promise<void> {
    operator.configure(this.model, name, values);
  }

  /** `juju trust`, or `juju trust --remove`. */
  async trust(name: string, on = true): Promise<void> {
    if (operator.trust(this.model, name, on)) await this.#provisioner.want(applicationOf(this.model, name), 'access');
  }

  /** `juju refresh --path` (or `juju attach-resource` without a charm): the pods are replaced. */
  async refresh(
    name: string,
    { charm, resources }: { charm?: string; resources?: Readonly<Record<string, string>> } = {},
  ): Promise<void> {
    operator.refresh(this.model, name, {
      ...(charm === undefined ? {} : { charm: readCharm(charm) }),
      ...(resources === undefined ? {} : { resources }),
    });
    await this.#provisioner.want(applicationOf(this.model, name), 'objects');
  }

  /** `juju run unit action`, `app/leader` too; resolves when the action has ended. */
  async runAction(
    unit: string,
    name: string,
    params: Readonly<Record<string, Json>> = {},
    { timeoutMs = 60_000 } = {},
  ): Promise<Action> {
    const action = operator.runAction(this.model, this.#unitName(unit), name, params);
    await this.waitFor(() => action.state === 'completed' || action.state === 'failed', {
      timeoutMs,
      what: `action ${name} on ${unit}`,
    });
    return action;
  }

  /** `juju add-secret`; answers its URI for a config option, `secret:<id>`. */
  async addSecret(name: string, content: Readonly<Record<string, string>>): Promise<string> {
    return `secret:${operator.addUserSecret(this.model, name, content)}`;
  }

  /** `juju grant-secret`. */
  async grantSecret(name: string, application: string): Promise<void> {
    operator.grantUserSecret(this.model, name, application);
  }

  /** `juju update-secret`: readers get secret-changed when the content is another one. */
  async updateSecret(name: string, content: Readonly<Record<string, string>>): Promise<void> {
    setSecret(this.model, operator.userSecret(this.model, name), { content });
  }

  /** `juju resolve`: tries the failed hook now. */
  async resolve(unit: string): Promise<void> {
    operator.resolve(this.model, unit);
  }

  /** Makes a unit run update-status now and waits for its end; no other hook can be asked for. */
  async runHook(unit: string, hook: 'update-status', { timeoutMs = 60_000 } = {}): Promise<HookRecord> {
    if (hook !== 'update-status')
      throw new Error(`${String(hook).slice(0, 60)} cannot be asked for, only update-status`);
    const from = this.hooks.length;
    unitOf(this.model, unit).uniter.updateStatusDue = true;
    this.#changed();
    const found = () => this.hooks.slice(from).find((record) => record.unit === unit && record.hook === hook);
    await this.waitFor(() => found() !== undefined, { timeoutMs, what: `${hook} on ${unit}` });
    return found()!;
  }

  /** Cuts the connection of a unit's agent (a fault); it reconnects when it can. */
  cutAgent(unit: string): void {
    this.#agents.cut(unit);
  }

  /** Workload status of a unit as `juju status` shows it; throws for an unknown unit. */
  unitStatus(unit: string): { status: string; message: string } {
    const { workload, message } = presented(unitOf(this.model, unit));
    return { status: workload, message };
  }

  /** The text of `juju status --relations`. */
  statusText(): string {
    return statusText(this.model);
  }

  /** Resolves when no unit that has an agent has anything to run. */
  async idle(timeoutMs = 60_000): Promise<void> {
    await this.waitFor(() => this.#queue.idle, { timeoutMs, what: 'all units to be idle' });
  }

  /** Resolves when the predicate holds; looked at after every change. @throws Error with the status after `timeoutMs` */
  waitFor(
    predicate: (model: Model) => boolean,
    { timeoutMs = 60_000, what = 'what was waited for' } = {},
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (act: () => void) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        act();
      };
      const look = () => {
        if (predicate(this.model)) end(resolve);
      };
      const timer = setTimeout(
        () => end(() => reject(new Error(`After ${timeoutMs / 1000} s still not: ${what}.\n${this.statusText()}`))),
        timeoutMs,
      );
      this.#waiting.add(look);
      look();
    });
  }

  /** Ends everything; pods go on without a controller. */
  async stop(): Promise<void> {
    this.#unregister();
    this.#housekeeping.stop();
    this.#queue.stop();
    this.#provisioner.stop();
    await this.#agents.close();
  }

  #unitName(name: string): string {
    if (!name.endsWith('/leader')) return name;
    const application = applicationOf(this.model, name.slice(0, -'/leader'.length));
    if (!application.leader) throw new Error(`could not determine leader for "${application.name}"`);
    return application.leader;
  }

  #changed(): void {
    const { ports, scaled, finished } = this.#housekeeping.look();
    for (const application of ports) void this.#provisioner.want(application, 'ports');
    for (const application of scaled) void this.#provisioner.want(application, 'scale');
    for (const application of finished)
      void this.#provisioner
        .remove(application, !this.#keepStorage.delete(application.name))
        .then(() => this.#changed());
    this.#queue.wake();
    for (const unit of this.model.units.values()) this.#exitIfDone(unit.name);
    for (const look of [...this.#waiting]) look();
  }

  /** A pod that ends and has nothing more to run lets its agent go. */
  #exitIfDone(unit: string): void {
    const { uniter } = unitOf(this.model, unit);
    if (uniter.shutdown === 'no' || this.#queue.isBusy(unit)) return;
    if (uniter.shutdown === 'done' || uniter.failed || !uniter.started) this.#agents.exit(unit);
  }

  #cloud(application: string): Json {
    const token = this.#options.api?.issueToken(this.model.name, application) ?? '';
    const credential = { 'auth-type': 'oauth2', attrs: { Token: token } };
    return {
      type: 'kubernetes',
      name: 'lab',
      endpoint: this.#options.api?.url ?? '',
      credential,
      cacertificates: [this.#options.api?.ca ?? ''],
      'is-controller-cloud': true,
    };
  }
}
