/** @module A Kubernetes API server stand-in over TLS. */
export {
  Admission,
  type AdmissionHook,
  type AdmissionRequest,
  type AdmissionRule,
  denied,
  refuse,
} from './access/admission.ts';
export { type Fault, type FaultFilter, Faults, type RequestRecord } from './access/faults.ts';
export { ApiServer, type ApiServerOptions } from './api-server.ts';
export { failure, StatusError } from './errors.ts';
export { type LabelSelectorObject, labelSelector, matchesLabels } from './store/selectors.ts';
export { Store, type Stored, type StoreEvent, type StoreListener } from './store/store.ts';
export { type Authority, issueServerCertificate } from './tls/certificate.ts';
