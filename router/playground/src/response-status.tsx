import { useGraphiQL } from "@graphiql/react";
import { useEffect } from "react";
import type { Activity } from "./activity.ts";
import { shortcuts } from "./keys.tsx";
import { type Store, useStored } from "./store.ts";

/** One line below the result; always there, so that nothing jumps. */
export function ResponseStatus({ activity }: { activity: Store<Activity> }) {
  const now = useStored(activity);
  const tabId = useGraphiQL((state) => state.tabs[state.activeTabIndex]?.id);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the line speaks of the result shown, which changes with the tab.
  useEffect(() => {
    activity.set({ kind: "idle" });
  }, [activity, tabId]);

  return (
    <output className="shell-response-status" aria-label="Result status" data-activity={now.kind}>
      <span className="shell-dot" data-tone={toneOf(now)} />
      <span>{textOf(now)}</span>
    </output>
  );
}

function textOf(activity: Activity): string {
  switch (activity.kind) {
    case "idle":
      return `No result yet · ${shortcuts.run} runs the operation`;
    case "running":
      return "Running…";
    case "answered":
      return `HTTP ${activity.status} · ${activity.ms} ms · ${sizeOf(activity.bytes)}`;
    case "streaming":
      return activity.events === 0 ? "Streaming, waiting for the first event" : `Streaming · ${count(activity.events)}`;
    case "streamEnded":
      return `Stream ended · ${count(activity.events)}`;
    case "stopped":
      return activity.events === null ? "Stopped" : `Stopped · ${count(activity.events)}`;
    case "failed":
      return "Failed";
  }
}

function toneOf(activity: Activity): "neutral" | "good" | "bad" | "busy" {
  if (activity.kind === "running" || activity.kind === "streaming") return "busy";
  if (activity.kind === "failed") return "bad";
  if (activity.kind === "answered") return activity.status < 400 ? "good" : "bad";
  return "neutral";
}

const count = (events: number): string => `${events} ${events === 1 ? "event" : "events"}`;

const sizeOf = (bytes: number): string => (bytes < 1_000 ? `${bytes} B` : `${(bytes / 1_000).toFixed(1)} kB`);
