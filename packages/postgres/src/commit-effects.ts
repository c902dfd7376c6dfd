const effects = new WeakMap<object, (() => void)[]>();

/**
 * Calls `effect` once `tx`, the transaction of `inTransaction` itself, has committed: never where it is rolled back, and
 * once where it is run again. For what is only told, such as a count: where the process ends in between, it is lost. It
 * must not throw, and nothing waits for it.
 */
export const afterCommit = (tx: object, effect: () => void): void => {
  effects.set(tx, [...(effects.get(tx) ?? []), effect]);
};

export const runAfterCommit = (tx: object): void => {
  for (const effect of effects.get(tx) ?? []) effect();
};
