/** Why a socket could not be bound. */

/** Another program has the port, or the address is not this machine's, or not yet. */
export type BindingFailure = "in-use" | "gone";

/** Throws on what is nobody's state but our own fault, such as a permission that is missing. */
export function bindingFailureOf(error: unknown): BindingFailure {
  if (error instanceof Deno.errors.AddrInUse) return "in-use";
  if (error instanceof Deno.errors.NotCapable || error instanceof TypeError) throw error;
  return "gone";
}
