/** @module The paths that are no objects: versions, groups, resources, health. */
import type { Kind } from '../kinds/kind.ts';
import { servedKinds } from '../kinds/registry.ts';
import { schemas } from '../schema/schema.ts';
import type { Store } from '../store/store.ts';

const allVerbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** The answer to a discovery or health path; a string is plain text; undefined when there is no such path. */
export function discover(store: Store, path: string): object | string | undefined {
  if (['/healthz', '/livez', '/readyz'].includes(path)) return 'ok';
  if (path === '/version') return version();
  const kinds = servedKinds(store);
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'] };
  if (path === '/apis') return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups(kinds) };
  const [, root, group = '', version_ = '', more] = path.split('/');
  if (more !== undefined) return undefined;
  if (root === 'api') return resources(kinds, '', group);
  if (root !== 'apis') return undefined;
  if (version_ !== '') return resources(kinds, group, version_);
  const found = groups(kinds).find(({ name }) => name === group);
  return found && { kind: 'APIGroup', apiVersion: 'v1', ...found };
}

function version(): object {
  const gitVersion = schemas().version;
  const [major, minor] = gitVersion.slice(1).split('.');
  return { major, minor, gitVersion: `${gitVersion}+vpn-k8s-stand-in`, platform: 'linux/amd64' };
}

function groups(kinds: readonly Kind[]) {
  const named = kinds.filter(({ resource }) => resource.group !== '');
  return [...new Set(named.map(({ resource }) => resource.group))].map((name) => {
    const found = new Set(
      named.filter(({ resource }) => resource.group === name).map(({ resource }) => resource.version),
    );
    const versions = [...found].map((each) => ({ groupVersion: `${name}/${each}`, version: each }));
    return { name, versions, preferredVersion: versions[0] };
  });
}

function resources(kinds: readonly Kind[], group: string, version: string): object | undefined {
  const found = kinds.filter(({ resource }) => resource.group === group && resource.version === version);
  if (found.length === 0) return undefined;
  const groupVersion = group === '' ? version : `${group}/${version}`;
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: found.flatMap(describe) };
}

function describe({ resource, singular, shortNames, subresources }: Kind): object[] {
  const { plural, kind, namespaced } = resource;
  const subs = subresources.map((name) => ({
    name: `${plural}/${name}`,
    singularName: '',
    namespaced,
    kind,
    verbs: subVerbs(name),
  }));
  return [{ name: plural, singularName: singular, namespaced, kind, verbs: allVerbs, shortNames }, ...subs];
}

const subVerbs = (name: string) => (['status', 'scale'].includes(name) ? ['get', 'patch', 'update'] : ['create']);
