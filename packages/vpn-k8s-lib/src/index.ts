/** @module VPNGatewayProvider and VPNGatewayRequirer for charms. */
export {};
