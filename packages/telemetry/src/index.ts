/**
 * OpenTelemetry for steadfetch.
 *
 * @packageDocumentation
 */

export { telemetry, type TelemetryOptions } from "./telemetry.ts"
