/** @module Pebble over its unix socket. */
export {};
