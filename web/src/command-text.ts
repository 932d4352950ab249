/** The command that gives a setting's numbers in a terminal: what differs from the command's own defaults is said. */
import { defaultSetting, type Setting } from "./setting.ts";

/** @example "ridgepoint step --model llama-3.1-8b --hardware h100-sxm --batch 16 --context 8192 --attention mqa" */
export function commandText(setting: Setting): string {
  const options: [string, string][] = [
    setting.config === null ? ["model", setting.model] : ["config", "config.json"],
    ["hardware", setting.hardware],
    ["batch", String(setting.batch)],
    ["context", String(setting.context)],
  ];
  const say = (option: string, value: string | number | null, unless: string | number | null): void => {
    if (value !== null && value !== unless) options.push([option, String(value)]);
  };
  say("attention", setting.attention, defaultSetting.attention);
  say("weights", setting.weights, null);
  say("kv-cache", setting.kvCache, defaultSetting.kvCache);
  say("activations", setting.activations, defaultSetting.activations);
  say("tensor-parallel", setting.tensorParallel, 1);
  say("timing", setting.timing, "auto");
  say("engine", setting.engine, "auto");
  return ["ridgepoint step", ...options.map(([option, value]) => `--${option} ${value}`)].join(" ");
}
