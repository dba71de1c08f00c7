import { Calls } from "./calls.tsx"
import { Charts } from "./charts.tsx"
import { Filters } from "./filter-bar.tsx"
import { Header } from "./header.tsx"
import { Keys } from "./keys.tsx"
import { hasOutbox } from "./live.ts"
import { isOutboxShown } from "./outbox/outbox.ts"
import { OutboxView } from "./outbox/outbox-view.tsx"
import { Tiles } from "./tiles.tsx"

export function App() {
  if (hasOutbox.value && isOutboxShown.value)
    return (
      <>
        <Header />
        <main>
          <OutboxView />
        </main>
      </>
    )
  return (
    <>
      <Header />
      <main>
        <Tiles />
        <Charts />
        <Keys />
        <section aria-labelledby="calls-title" class="panel">
          <h2 id="calls-title">Calls</h2>
          <Filters />
          <Calls />
        </section>
      </main>
    </>
  )
}
