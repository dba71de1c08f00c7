import { better, type EndpointHealth, type Sign } from "./endpoint-health.ts"

/** "first": in their order, as far as they are sound. "fastest": the better of two taken at random. */
export type Preference = "first" | "fastest"

/** How an endpoint's standing has changed, and why. */
export interface Change {
  readonly state: "ejected" | "readmitted"
  readonly why: string
}

/** An attempt under way. */
export interface Ticket {
  readonly startedAt: number
  readonly era: number
  readonly isProbe: boolean
}

/** Endpoints to leave out of a choice. */
export type Some = ReadonlySet<EndpointHealth>

/** Fewer results than this (each by its weight) say nothing about a share of failures. */
const LEAST_VOLUME = 20

/** An endpoint is an outlier so many standard deviations below the mean of the others … */
const DEVIATIONS = 1.9

/** … and at least this much: where the others differ by nothing, every single failure would be an outlier. */
const LEAST_GAP = 0.2

/**
 * Endpoints that can stand in for each other: which is to be asked, and which is to be left alone for a while. Never all
 * are left alone. Instants are passed in, as milliseconds of a clock that does not go back.
 */
export class EndpointPool {
  readonly members: readonly EndpointHealth[]
  readonly #preference: Preference
  #ejected = 0

  constructor(members: readonly EndpointHealth[], preference: Preference) {
    this.members = members
    this.#preference = preference
  }

  /**
   * Where an attempt should go: to an ejected endpoint that is due for a probe, unless the call has failed before; to a
   * sound one; else to what is left. Undefined when all that is left is ejected and being probed.
   * @param barred Out of the question.
   * @param avoided Failed in this call: to be taken only when there is nothing better.
   */
  choose(nowMs: number, barred: Some, avoided: Some, random: () => number): EndpointHealth | undefined {
    const probed = avoided.size === 0 ? this.#due(nowMs, barred, avoided) : undefined
    return probed ?? this.chooseSound(nowMs, barred, avoided, random) ?? this.#makeshift(nowMs, barred, avoided)
  }

  /** As `choose`, but only an endpoint that nothing speaks against. */
  chooseSound(nowMs: number, barred: Some, avoided: Some, random: () => number): EndpointHealth | undefined {
    const isSound = (member: EndpointHealth): boolean =>
      member.isSound(nowMs) && !barred.has(member) && !avoided.has(member)
    if (this.#preference === "first") return this.members.find(isSound)
    const sound = this.members.filter(isSound)
    const index = Math.floor(random() * sound.length)
    const one = sound[index]
    const other = sound[(index + 1 + Math.floor(random() * (sound.length - 1))) % sound.length]
    return one === undefined || other === undefined ? one : better(one, other, nowMs)
  }

  /** Notes that an attempt goes there. */
  start(member: EndpointHealth, nowMs: number): Ticket {
    member.pending++
    const isProbe = member.isEjected && !member.isProbed
    if (isProbe) member.isProbed = true
    return { startedAt: nowMs, era: member.era, isProbe }
  }

  /** Notes what an attempt found, and what changes by that. */
  settle(
    member: EndpointHealth,
    sign: Sign,
    { startedAt, era, isProbe }: Ticket,
    nowMs: number,
    random: () => number,
  ): Change | undefined {
    if (isProbe) member.isProbed = false
    const tookMs = nowMs - startedAt
    // A failure may be quick to come, and must not make its endpoint look fast.
    if (sign === "success") member.latency.note(tookMs, nowMs)
    else member.latency.noteAtLeast(tookMs, nowMs)
    if (sign === "nothing" || era !== member.era) return undefined
    if (member.isEjected)
      return sign === "success" ? this.#readmit(member, nowMs) : this.#prolong(member, nowMs, random)
    member.note(sign === "failure", nowMs)
    if (sign === "success" || !this.#hasOther(member, nowMs)) return undefined
    if (member.isFailing) return this.#eject(member, `${member.failuresInARow} attempts failed in a row`, nowMs, random)
    return this.#isOutlier(member, nowMs)
      ? this.#eject(member, "far more of its attempts fail than of the others'", nowMs, random)
      : undefined
  }

  /** The first ejected one that may be probed now. While no sound one works, that is any of them. */
  #due(nowMs: number, barred: Some, avoided: Some): EndpointHealth | undefined {
    if (this.#ejected === 0) return undefined
    const isHopeless = this.members.every((member) => !member.isSound(nowMs) || member.isFailing)
    return this.members.find(
      (member) =>
        member.returnsAt !== undefined &&
        !member.isProbed &&
        (isHopeless || member.returnsAt <= nowMs) &&
        !barred.has(member) &&
        !avoided.has(member),
    )
  }

  /** The least bad: a probe where one is due, the same endpoint again, one that asked for rest, one that is ejected. */
  #makeshift(nowMs: number, barred: Some, avoided: Some): EndpointHealth | undefined {
    const left = this.members.filter((member) => !barred.has(member))
    const resting = left.filter(({ isEjected }) => !isEjected).toSorted((a, b) => a.restsUntil - b.restsUntil)
    return (
      this.#due(nowMs, barred, avoided) ??
      left.find((member) => member.isSound(nowMs)) ??
      resting[0] ??
      left.find(({ isProbed }) => !isProbed)
    )
  }

  #hasOther(member: EndpointHealth, nowMs: number): boolean {
    return this.members.some((other) => other !== member && other.isSound(nowMs))
  }

  /** Measured against the others alone: among three or four, one that counts itself in cannot be 1.9 σ below the mean. */
  #isOutlier(member: EndpointHealth, nowMs: number): boolean {
    if (member.failures.volume(nowMs) < LEAST_VOLUME) return false
    const others = this.members
      .filter((other) => other !== member && !other.isEjected && other.failures.volume(nowMs) >= LEAST_VOLUME)
      .map(({ failures }) => failures.measured)
    if (others.length < 2) return false
    const mean = others.reduce((sum, share) => sum + share, 0) / others.length
    const variance = others.reduce((sum, share) => sum + (share - mean) ** 2, 0) / others.length
    return member.failures.measured > mean + Math.max(DEVIATIONS * Math.sqrt(variance), LEAST_GAP)
  }

  #eject(member: EndpointHealth, why: string, nowMs: number, random: () => number): Change {
    member.eject(nowMs, random)
    this.#ejected++
    return { state: "ejected", why }
  }

  #readmit(member: EndpointHealth, nowMs: number): Change {
    member.readmit(nowMs)
    this.#ejected--
    return { state: "readmitted", why: "an attempt succeeded" }
  }

  /** A probe that was sent before its time, as nothing else worked, does not lengthen the ejection when it fails. */
  #prolong(member: EndpointHealth, nowMs: number, random: () => number): Change | undefined {
    if ((member.returnsAt ?? 0) > nowMs) return undefined
    member.eject(nowMs, random)
    return { state: "ejected", why: "its probe failed" }
  }
}
