/**
 * The standard library's argument parser, through npm: the one place where it is imported and typed.
 *
 * deno-std is a repack of @std/cli without types, which is why they stand beside this file. A "links"
 * entry in deno.json makes this folder answer to "@std/cli"; without it the real package does.
 */

// @ts-types="./parse_args.d.ts"
export { parseArgs } from "npm:deno-std@1.4.0/cli/parse_args.js";
