/** @module The layers that are in force, and the plan that follows from them. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Plan } from '@vpn-k8s/pebble';
import { combineLayers, planOf } from './combine.ts';
import { LayerError, quote, type ReadLayer, readLayer } from './read.ts';
import { validateLayer, validatePlan } from './validate.ts';

/** Layers in order; a layer that makes the plan invalid is refused and changes nothing. */
export class Layers {
  #layers: readonly ReadLayer[] = [];
  #plan: Plan = planOf(combineLayers([]));

  get plan(): Plan {
    return this.#plan;
  }

  /** Adds a layer at the end, or joins it into the one of its label with `combine`; throws LayerError. */
  add(label: string, text: string, combine: boolean): void {
    const layer = parseLayer(label, text);
    const index = this.#layers.findIndex((other) => other.label === label);
    if (index >= 0 && !combine) throw new LayerError(`layer ${quote(label)} already exists`);
    const joined = index < 0 ? layer : { ...combineLayers([this.#layers[index]!, layer]), label };
    this.#replace(index < 0 ? [...this.#layers, joined] : this.#layers.with(index, joined));
  }

  /** Reads `layers/NNN-label.yaml` and `layers/NNN-label.d/NNN-label.yaml`; throws LayerError for wrong names and contents. */
  load(layersDir: string): void {
    if (!existsSync(layersDir)) return;
    const files = entriesOf(layersDir).flatMap(({ name, label }) => {
      const path = join(layersDir, name);
      if (!statSync(path).isDirectory()) return [{ path, label }];
      return entriesOf(path).map((inner) => ({ path: join(path, inner.name), label: `${label}/${inner.label}` }));
    });
    this.#replace(files.map(({ path, label }) => parseLayer(label, readFileSync(path, 'utf8'))));
  }

  #replace(layers: readonly ReadLayer[]): void {
    const plan = planOf(combineLayers(layers));
    validatePlan(plan);
    this.#layers = layers;
    this.#plan = plan;
  }
}

function parseLayer(label: string, text: string): ReadLayer {
  const layer = readLayer(label, text);
  validateLayer(layer);
  return layer;
}

function entriesOf(dir: string): { name: string; label: string }[] {
  const names = readdirSync(dir)
    .filter((name) => /\.(yaml|d)$/.test(name))
    .sort();
  const entries = names.map((name) => ({ name, label: labelOf(dir, name) }));
  const orders = new Set(names.map((name) => name.slice(0, 3)));
  const labels = new Set(entries.map((entry) => entry.label));
  if (orders.size < names.length || labels.size < names.length) {
    throw new LayerError(`invalid layer filename: order or label in ${dir} not unique (have ${names.join(', ')})`);
  }
  return entries;
}

function labelOf(dir: string, name: string): string {
  const label = /^\d{3}-([a-z](?:-?[a-z0-9]){2,})\.(?:yaml|d)$/.exec(name)?.[1];
  if (label !== undefined) return label;
  const isDirectory = statSync(join(dir, name)).isDirectory();
  throw new LayerError(
    isDirectory
      ? `invalid layer sub-directory name: ${quote(name)} (must look like "123-some-label.d")`
      : `invalid layer filename: ${quote(name)} (must look like "123-some-label.yaml")`,
  );
}
