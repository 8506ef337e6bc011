/** @module What the server refuses in a pod's spec (pkg/apis/core/validation/validation.go): the rules that our patches can break. */
import { type FieldError, fieldErrors } from '../errors.ts';
import { isObject, type Json } from '../store/clone.ts';
import { items } from './pod-defaults.ts';

const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const labelSentence =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

/** All errors of a pod's spec; `claims` are names of volumes that come from volumeClaimTemplates. */
export function validatePodSpec(spec: Json, path: string, claims: readonly string[] = []): FieldError[] {
  const volumes = [...items(spec, 'volumes').map((volume) => String(volume.name)), ...claims];
  const containers = items(spec, 'containers');
  const initContainers = items(spec, 'initContainers');
  return [
    ...items(spec, 'volumes').flatMap((volume, index) => validateVolume(volume, `${path}.volumes[${index}]`)),
    ...duplicates(items(spec, 'volumes'), 'name', `${path}.volumes`),
    ...(containers.length === 0 ? [fieldErrors.required(`${path}.containers`)] : []),
    ...containers.flatMap((each, index) => validateContainer(each, `${path}.containers[${index}]`, volumes)),
    ...initContainers.flatMap((each, index) => validateInit(each, `${path}.initContainers[${index}]`, volumes)),
    ...duplicateContainers(containers, initContainers, path),
    ...validateDns(spec, path),
  ];
}

function duplicates(list: readonly Json[], key: string, path: string): FieldError[] {
  return list.flatMap((item, index) => {
    const first = list.findIndex((other) => other[key] === item[key]);
    return first === index ? [] : [fieldErrors.duplicate(`${path}[${index}].${key}`, item[key])];
  });
}

function duplicateContainers(containers: readonly Json[], initContainers: readonly Json[], path: string): FieldError[] {
  const names = new Set(containers.map((container) => container.name));
  const clashes = initContainers.flatMap((container, index) =>
    names.has(container.name) ? [fieldErrors.duplicate(`${path}.initContainers[${index}].name`, container.name)] : [],
  );
  return [
    ...duplicates(containers, 'name', `${path}.containers`),
    ...duplicates(initContainers, 'name', `${path}.initContainers`),
    ...clashes,
  ];
}

function validateName(name: unknown, path: string): FieldError[] {
  if (typeof name !== 'string' || name === '') return [fieldErrors.required(path)];
  if (name.length > 63) return [fieldErrors.invalid(path, name, 'must be no more than 63 bytes')];
  return label.test(name) ? [] : [fieldErrors.invalid(path, name, labelSentence)];
}

function validateVolume(volume: Json, path: string): FieldError[] {
  const sources = Object.keys(volume).filter((key) => key !== 'name');
  const several = sources
    .slice(1)
    .map((key) => fieldErrors.forbidden(`${path}.${key}`, 'may not specify more than 1 volume type'));
  const named = isObject(volume.configMap) && !volume.configMap.name;
  return [
    ...validateName(volume.name, `${path}.name`),
    ...several,
    ...(named ? [fieldErrors.required(`${path}.configMap.name`)] : []),
  ];
}

function validateInit(container: Json, path: string, volumes: readonly string[]): FieldError[] {
  const native = container.restartPolicy === 'Always';
  const only = 'may not be set for init containers without restartPolicy=Always';
  const forbidden = native
    ? []
    : ['livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle'].filter((key) => container[key]);
  return [
    ...validateContainer(container, path, volumes),
    ...forbidden.map((key) => fieldErrors.forbidden(`${path}.${key}`, only)),
  ];
}

function validateContainer(container: Json, path: string, volumes: readonly string[]): FieldError[] {
  const noImage = typeof container.image !== 'string' || container.image === '';
  return [
    ...validateName(container.name, `${path}.name`),
    ...(noImage ? [fieldErrors.required(`${path}.image`)] : []),
    ...items(container, 'ports').flatMap((port, index) => validatePort(port, `${path}.ports[${index}]`)),
    ...items(container, 'env').flatMap((entry, index) => validateEnv(entry, `${path}.env[${index}]`)),
    ...items(container, 'volumeMounts').flatMap((mount, i) =>
      validateMount(mount, `${path}.volumeMounts[${i}]`, volumes),
    ),
    ...duplicateMounts(container, path),
    ...validateContext(container, path),
  ];
}

function validatePort(port: Json, path: string): FieldError[] {
  const number = port.containerPort;
  if (number === undefined) return [fieldErrors.required(`${path}.containerPort`)];
  const valid = Number.isInteger(number) && (number as number) > 0 && (number as number) < 65536;
  const wrong = valid
    ? []
    : [fieldErrors.invalid(`${path}.containerPort`, number, 'must be between 1 and 65535, inclusive')];
  const protocols = ['SCTP', 'TCP', 'UDP'];
  const known = protocols.includes(String(port.protocol));
  return known ? wrong : [...wrong, fieldErrors.notSupported(`${path}.protocol`, port.protocol, protocols)];
}

function validateEnv(entry: Json, path: string): FieldError[] {
  if (!entry.name) return [fieldErrors.required(`${path}.name`)];
  if (!isObject(entry.valueFrom) || !entry.value) return [];
  return [fieldErrors.invalid(`${path}.valueFrom`, '', 'may not be specified when `value` is not empty')];
}

function validateMount(mount: Json, path: string, volumes: readonly string[]): FieldError[] {
  const missing = mount.name ? [] : [fieldErrors.required(`${path}.name`)];
  const unknown =
    mount.name && !volumes.includes(String(mount.name)) ? [fieldErrors.notFound(`${path}.name`, mount.name)] : [];
  return [...missing, ...unknown, ...(mount.mountPath ? [] : [fieldErrors.required(`${path}.mountPath`)])];
}

function duplicateMounts(container: Json, path: string): FieldError[] {
  const mounts = items(container, 'volumeMounts');
  return mounts.flatMap((mount, index) => {
    const first = mounts.findIndex((other) => other.mountPath === mount.mountPath);
    const at = `${path}.volumeMounts[${index}].mountPath`;
    return first === index ? [] : [fieldErrors.invalid(at, mount.mountPath, 'must be unique')];
  });
}

function validateContext(container: Json, path: string): FieldError[] {
  const context = container.securityContext;
  if (!isObject(context) || context.privileged !== true || context.allowPrivilegeEscalation !== false) return [];
  const sentence = 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true';
  return [fieldErrors.invalid(`${path}.securityContext`, context, sentence)];
}

function validateDns(spec: Json, path: string): FieldError[] {
  const servers = (spec.dnsConfig as Json | undefined)?.nameservers;
  const many = Array.isArray(servers) && servers.length > 3;
  const errors = many
    ? [fieldErrors.invalid(`${path}.dnsConfig.nameservers`, servers, 'must not have more than 3 nameservers')]
    : [];
  if (spec.dnsPolicy !== 'None' || (Array.isArray(servers) && servers.length > 0)) return errors;
  const sentence = 'must provide at least one DNS nameserver when `dnsPolicy` is None';
  return [...errors, fieldErrors.required(`${path}.dnsConfig.nameservers`, sentence)];
}
