import { useSyncExternalStore } from "react";

/** A value that lives outside React (the fetcher reads and writes it) and that components follow with {@link useStored}. */
export interface Store<T> {
  get(): T;
  set(next: T): void;
  subscribe(listener: () => void): () => void;
}

export function createStore<T>(initial: T): Store<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set: (next) => {
      value = next;
      for (const listener of listeners) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export const useStored = <T>(store: Store<T>): T => useSyncExternalStore(store.subscribe, store.get);
