/** @module run(event, State) -> State, and hook tools as Juju has them. */
export {};
