export interface ManualClock {
  now(): Date;
  advance(ms: number): void;
}

/** A clock that stands at `iso` (RFC 3339) until it is advanced. */
export const manualClock = (iso: string): ManualClock => {
  let time = Date.parse(iso);
  if (Number.isNaN(time)) throw new TypeError(`"${iso}" is no RFC 3339 time, such as 2026-01-31T12:00:00.000Z.`);
  return {
    now: () => new Date(time),
    advance(ms) {
      time += ms;
    },
  };
};
