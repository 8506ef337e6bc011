/** @module VPNGatewayProvider and VPNGatewayRequirer for charms. */
export { agentFiles } from './agent-files.ts';
export { look, type Proof, prove } from './proof.ts';
export type { ProviderOptions, TunnelEndpoint, TunnelView } from './provider/options.ts';
export { VPNGatewayProvider } from './provider/provider.ts';
export type { Client, ProviderVerdict } from './provider/verdict.ts';
export { type ClientRead, readClient } from './relation/client.ts';
export { type Gateway, type GatewayRead, readGateway } from './relation/gateway.ts';
export type { RequirerOptions, RequirerOverrides } from './requirer/options.ts';
export { VPNGatewayRequirer } from './requirer/requirer.ts';
export type { GatewayView, Verdict, VerdictState } from './verdict.ts';
export { type OverlayCheckLayer, overlayCheck, type VpnCheckLayer, vpnCheck } from './vpn-check.ts';
