/** @module The main path of a charm: gather, reconcile, report. */
export {};
