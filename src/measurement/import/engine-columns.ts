/** The columns of an imported table of engine results, in their order. */
export const engineColumns: readonly string[] = [
  ...["source", "engine", "engine_version", "model", "precision", "kv_dtype", "hardware", "devices", "tp", "pp", "ep"],
  ...["concurrency", "isl", "osl", "metric", "value", "stat", "note"],
];
