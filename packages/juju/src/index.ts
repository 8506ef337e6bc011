/** @module Juju hook context and hook tools, one function per tool. */
export {};
