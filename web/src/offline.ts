/** Keeps the page for use without a network: a service worker that holds the built files (scripts/service-worker of the build). */
import { byId, setText } from "./element.ts";

export async function keepOffline(): Promise<void> {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  try {
    await navigator.serviceWorker.register("./service-worker.js", { scope: "./" });
    await navigator.serviceWorker.ready;
    document.documentElement.dataset["offline"] = "ready";
    setText(byId("offline-state", HTMLElement), "It is kept for use without a network.");
  } catch {
    setText(byId("offline-state", HTMLElement), "This browser does not keep it for use without a network.");
  }
}
