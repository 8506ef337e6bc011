/** @module A Pebble stand-in, held to recorded answers of the real one. */
export {};
