/** @module A Kubernetes API server stand-in over TLS. */
export {};
