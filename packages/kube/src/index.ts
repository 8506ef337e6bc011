/** @module A thin typed Kubernetes client. */
export {};
