import { Calls } from "./calls.tsx"
import { Charts } from "./charts.tsx"
import { Filters } from "./filter-bar.tsx"
import { Header } from "./header.tsx"
import { Keys } from "./keys.tsx"
import { Tiles } from "./tiles.tsx"

export function App() {
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
