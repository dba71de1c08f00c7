import { channel, type Channel } from "node:diagnostics_channel"
import { Events, type EventMap } from "steadfetch"

const channels: { readonly [K in keyof EventMap]: Channel } = {
  "call-started": channel("steadfetch:call-started"),
  "attempt-started": channel("steadfetch:attempt-started"),
  "attempt-ended": channel("steadfetch:attempt-ended"),
  waiting: channel("steadfetch:waiting"),
  budget: channel("steadfetch:budget"),
  held: channel("steadfetch:held"),
  rejected: channel("steadfetch:rejected"),
  changed: channel("steadfetch:changed"),
  hedged: channel("steadfetch:hedged"),
  served: channel("steadfetch:served"),
  "call-ended": channel("steadfetch:call-ended"),
}

/** Events that are also published on Node's diagnostics channels, as `steadfetch:call-started` and so on. */
export class PublishedEvents extends Events {
  override heard(type: keyof EventMap): boolean {
    return channels[type].hasSubscribers || super.heard(type)
  }

  override emit<K extends keyof EventMap>(type: K, event: EventMap[K]): void {
    channels[type].publish(event)
    super.emit(type, event)
  }
}
