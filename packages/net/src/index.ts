/** @module Pure address, CIDR, MTU and route arithmetic. */
export {};
