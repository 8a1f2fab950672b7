/** Runs code in a world without clock, chance, network or host: each of them throws when it is asked. */

/** What hangs on the global object. A trap stands in for each, also for those an engine lacks. */
export const SEALED_GLOBALS: readonly string[] = [
  ..."setTimeout setInterval setImmediate queueMicrotask requestAnimationFrame fetch crypto".split(
    " ",
  ),
  ..."performance Temporal Intl console Deno process Buffer navigator location".split(" "),
  ..."localStorage sessionStorage indexedDB caches WebSocket EventSource Worker".split(" "),
  ..."BroadcastChannel MessageChannel WeakRef FinalizationRegistry Atomics SharedArrayBuffer".split(
    " ",
  ),
];

/** What hangs on an object that stays: chance, and the mathematics that engines round differently. */
export const SEALED_MATH: readonly string[] = [
  ..."random sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh".split(" "),
  ..."exp expm1 log log2 log10 log1p pow cbrt hypot".split(" "),
];

let unseal: (() => void) | undefined;

/** Calls `run` in the sealed world, and opens the world again, whatever happened. */
export function sealed<Result>(run: () => Result): Result {
  seal();
  try {
    return run();
  } finally {
    unseal?.();
  }
}

/** Calls `run` as if outside, from inside of the sealed world: for what belongs to the host. */
export function opened<Result>(run: () => Result): Result {
  if (unseal === undefined) return run();
  unseal();
  try {
    return run();
  } finally {
    seal();
  }
}

function seal(): void {
  const restore = [
    ...SEALED_GLOBALS.map((name) => trap(globalThis, name, name)),
    ...SEALED_MATH.map((name) => trap(Math, name, `Math.${name}`)),
    trap(Date, "now", "Date.now"),
    replace(globalThis, "Date", { value: timelessDate(Date) }),
  ];
  unseal = () => {
    for (const undo of restore.reverse()) undo();
    unseal = undefined;
  };
}

/** Reading the property throws. */
function trap(owner: object, key: string, name: string): () => void {
  return replace(owner, key, {
    get() {
      throw new Error(`Sealed: ${name} was asked for`);
    },
  });
}

/** Redefines a property, own or inherited; the answer puts things back. */
function replace(owner: object, key: string, descriptor: PropertyDescriptor): () => void {
  const before = Object.getOwnPropertyDescriptor(owner, key);
  Object.defineProperty(owner, key, { configurable: true, ...descriptor });
  return () => {
    if (before === undefined) Reflect.deleteProperty(owner, key);
    else Object.defineProperty(owner, key, before);
  };
}

/** A Date that knows the calendar, but not what day it is. */
function timelessDate(real: DateConstructor): DateConstructor {
  const refuse = (): never => {
    throw new Error("Sealed: the date was asked for");
  };
  return new Proxy(real, {
    apply: refuse,
    construct: (target, given) => given.length === 0 ? refuse() : Reflect.construct(target, given),
  });
}
