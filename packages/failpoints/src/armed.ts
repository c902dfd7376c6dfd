import type { Faults, Guard, Step } from "./names.ts";

export type { Faults, Guard, Step } from "./names.ts";

const faults: Faults = JSON.parse(process.env.SUPERGRAPH_FAULTS ?? "{}");
let hits = 0;

export const reach = (step: Step): void => {
  if (faults.kill?.step !== step) return;
  hits += 1;
  if (hits === faults.kill.hit) process.kill(process.pid, "SIGKILL");
};

export const isOff = (guard: Guard): boolean => faults.off?.includes(guard) ?? false;

const shiftClock = (offsetMs: number): void => {
  const RealDate = Date;
  const now = () => RealDate.now() + offsetMs;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, given) => Reflect.construct(target, given.length === 0 ? [now()] : given),
    apply: () => new RealDate(now()).toString(),
    get: (target, property) => (property === "now" ? now : Reflect.get(target, property)),
  });
};

if (faults.clockOffsetMs) shiftClock(faults.clockOffsetMs);
