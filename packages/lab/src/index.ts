/** @module The whole system on one machine: network, Kubernetes, Juju, VPN. */
export {};
