/** @module Turns the JSON of hook tools into plain values; Juju's `null` for "none" becomes the empty value. */

/** A list of strings; null (secret-ids without secrets) is the empty list. */
export function asList(answer: unknown): string[] {
  return Array.isArray(answer) ? answer.map(String) : [];
}

/** An object; null (state-get without state) is the empty object. */
export function asObject(answer: unknown): Record<string, unknown> {
  return answer !== null && typeof answer === 'object' ? (answer as Record<string, unknown>) : {};
}

/** A map of strings; null is the empty map. */
export function asStrings(answer: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(asObject(answer)).map(([key, value]) => [key, String(value)]));
}

/** A string; null and missing are ''. */
export function asText(answer: unknown): string {
  return answer === null || answer === undefined ? '' : String(answer);
}
