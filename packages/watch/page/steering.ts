/**
 * Arrows, Home and End move along the rows of a list; right and left open and close what a row holds; Escape closes it. Who
 * writes in a field has all keys for that.
 */
export function steer(event: KeyboardEvent & { readonly currentTarget: HTMLElement }, close: () => void): void {
  const { target } = event
  if (!(target instanceof Element) || target.matches("textarea, input, dialog *")) return
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>(".row")]
  const focused = target.closest("li")?.querySelector<HTMLElement>(".row")
  const place = focused === null || focused === undefined ? -1 : rows.indexOf(focused)
  const isOpen = focused?.ariaExpanded === "true"
  const moves: Readonly<Record<string, () => void>> = {
    ArrowDown: () => rows[Math.min(place + 1, rows.length - 1)]?.focus(),
    ArrowUp: () => rows[Math.max(place - 1, 0)]?.focus(),
    Home: () => rows[0]?.focus(),
    End: () => rows.at(-1)?.focus(),
    ArrowRight: () => !isOpen && focused?.click(),
    ArrowLeft: () => isOpen && focused.click(),
    Escape: () => {
      focused?.focus()
      close()
    },
  }
  const move = Object.hasOwn(moves, event.key) ? moves[event.key] : undefined
  if (move === undefined || event.altKey || event.ctrlKey || event.metaKey) return
  event.preventDefault()
  move()
}
