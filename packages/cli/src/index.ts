/** @module The vpn-k8s command. */

export {};
