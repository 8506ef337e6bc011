/** @module Pure address, CIDR, MTU and route arithmetic. */
export * from './address.ts';
export * from './cidr.ts';
export * from './names.ts';
export * from './numbers.ts';
export { named, Refusal, shown } from './refusal.ts';
export * from './routes.ts';
export * from './settings.ts';
