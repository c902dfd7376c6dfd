import { startLibrary } from "./testing/library.ts";

const l = await startLibrary();
for (const q of process.argv.slice(2)) {
  const a = await l.ask(q);
  console.log(a.status, a.text.slice(0, 1500));
}
await l.stop();
