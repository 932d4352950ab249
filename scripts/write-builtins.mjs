/**
 * Turns hardware-profiles/ and model-profiles/ into src/generated/: the plain numbers that commands start from, so that
 * the everyday path parses no units and checks no schema. The profiles themselves, with their sources and notes, go into
 * a module of their own. The code that reads a profile is the program's own, bundled on the fly (Node 20 runs no
 * TypeScript).
 */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { rolldown } from "rolldown";

/** What reads each kind of profile: the source file and the function in it. */
const readers = {
  parseHardwareProfile: "src/hardware/hardware-profile-schema.ts",
  hardwareFromProfile: "src/hardware/hardware-profile.ts",
  parseModelProfile: "src/architecture/model-profile-schema.ts",
  modelFromProfile: "src/architecture/model-from-profile.ts",
  packModels: "src/architecture/packed-models.ts",
  unpackModels: "src/architecture/packed-models.ts",
  parseFitFile: "src/validation/fit-file-schema.ts",
  calibrationOfFitFile: "src/validation/fit-file-schema.ts",
};

/** The two built-in modules together, which every command loads. */
const maximumBytes = 110_000;

/**
 * Writes src/generated/; files that would not change are left alone.
 * @param {string} root the repository's root
 * @returns {Promise<{ devices: number, models: number }>}
 * @throws Error naming the profile that is wrong, or a name that two profiles claim
 */
export async function writeBuiltins(root) {
  const read = await loadReaders(root);
  const devices = await readProfiles(root, "hardware-profiles", read.parseHardwareProfile, read.hardwareFromProfile);
  const models = await readProfiles(root, "model-profiles", read.parseModelProfile, read.modelFromProfile);
  const packed = read.packModels(models.map(({ built }) => built));
  const unpacked = read.unpackModels(JSON.parse(JSON.stringify(packed)));
  for (const { built } of models) {
    if (!isDeepStrictEqual(unpacked[built.id], built)) throw new Error(`model ${built.id} does not survive packing`);
  }
  const hardwareText = hardwareModule(devices);
  const modelsText = modelsModule(models, packed);
  const bytes = Buffer.byteLength(hardwareText) + Buffer.byteLength(modelsText);
  if (bytes > maximumBytes) throw new Error(`built-in profiles take ${bytes} bytes (at most ${maximumBytes})`);
  await mkdir(join(root, "src", "generated"), { recursive: true });
  await writeIfChanged(join(root, "src", "generated", "builtin-hardware.ts"), hardwareText);
  await writeIfChanged(join(root, "src", "generated", "builtin-models.ts"), modelsText);
  await writeIfChanged(join(root, "src", "generated", "builtin-provenance.ts"), provenanceModule(devices, models));
  const fits = await readFits(root, read);
  await writeIfChanged(join(root, "src", "generated", "builtin-calibrations.ts"), calibrationsModule(fits));
  return { devices: devices.length, models: models.length };
}

/** The readers, bundled into a temporary folder and imported from there. */
async function loadReaders(root) {
  const folder = await mkdtemp(join(tmpdir(), "ridgepoint-build-"));
  try {
    const entry = Object.entries(readers).map(([name, source]) => `export { ${name} } from "./${source}";`);
    const build = await rolldown({
      cwd: root,
      input: "readers",
      platform: "node",
      resolve: { mainFields: ["module", "main"] },
      plugins: [
        {
          name: "readers",
          resolveId: (id) => (id === "readers" ? join(root, "readers.ts") : null),
          load: (id) => (id === join(root, "readers.ts") ? entry.join("\n") : null),
        },
      ],
    });
    await build.write({ dir: folder, entryFileNames: "readers.mjs", codeSplitting: false });
    await build.close();
    return await import(pathToFileURL(join(folder, "readers.mjs")).href);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Every profile of a folder, by id: as written and as built. */
async function readProfiles(root, folder, parse, build) {
  if (!existsSync(join(root, folder))) return [];
  const names = (await readdir(join(root, folder))).filter((name) => name.endsWith(".json")).sort();
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(root, folder, name), "utf8");
      try {
        const profile = parse(JSON.parse(text));
        if (`${profile.id}.json` !== name) throw new Error(`the file's name is not that of id ${profile.id}`);
        return { profile, built: build(profile) };
      } catch (error) {
        throw new Error(`${folder}/${name}: ${error.message}`);
      }
    }),
  );
}

/**
 * The fits of measurements/, those whose tables stand beside them before the others. One of another version's forms is left out
 * while it is made anew: `ridgepoint calibrate` itself needs a build.
 */
async function readFits(root, { parseFitFile, calibrationOfFitFile }) {
  const folder = join(root, "measurements");
  const names = existsSync(folder) ? (await readdir(folder)).sort() : [];
  const fits = [];
  for (const name of names) {
    const path = join(folder, name, "fit.json");
    if (!existsSync(path)) continue;
    try {
      const calibration = calibrationOfFitFile(parseFitFile(JSON.parse(await readFile(path, "utf8"))));
      fits.push({ own: existsSync(join(folder, name, "ceilings.json")), calibration });
    } catch (error) {
      if (error.name !== "InvalidInput") throw error;
      console.warn(`measurements/${name}/fit.json is left out: ${error.message}`);
    }
  }
  return fits.sort((a, b) => Number(b.own) - Number(a.own)).map(({ calibration }) => calibration);
}

/** Ids by their other names, in lower case. */
function aliasesOf(profiles, kind) {
  const owners = new Map(profiles.map(({ profile }) => [profile.id, profile.id]));
  const aliases = {};
  for (const { profile } of profiles) {
    for (const alias of profile.aliases ?? []) {
      const name = alias.toLowerCase();
      if (owners.has(name))
        throw new Error(`${kind} ${profile.id} and ${owners.get(name)} both claim the name ${name}`);
      owners.set(name, profile.id);
      aliases[name] = profile.id;
    }
  }
  return aliases;
}

/** An expression that parses JSON when the module loads: faster to load than the same object as source. */
function parsed(value) {
  const text = JSON.stringify(value)
    .replace(/[\\']/g, "\\$&")
    .replace(/\u2028/g, "\\u2028")
    .replace(/\u2029/g, "\\u2029");
  return `/* @__PURE__ */ JSON.parse('${text}')`;
}

const header = "// Generated by scripts/write-builtins.mjs from the profiles; never edited, never committed.\n";

function hardwareModule(devices) {
  return `${header}import type { Hardware } from "../hardware/hardware.ts";

/** The built-in devices by id. */
export const builtinHardware: Readonly<Record<string, Hardware>> = ${parsed(
    Object.fromEntries(devices.map(({ built }) => [built.id, built])),
  )};

/** Ids by their other names, in lower case. */
export const hardwareAliases: Readonly<Record<string, string>> = ${parsed(aliasesOf(devices, "device"))};
`;
}

function calibrationsModule(calibrations) {
  const finite = calibrations.map((each) => ({
    ...each,
    kernels: each.kernels.map((kernel) => ({ ...kernel, longestSeconds: shortOf(kernel.longestSeconds) })),
  }));
  return `${header}import type { Calibration } from "../timing/calibration.ts";

/** The fits that ship, those of this project's own measurements first. */
export const builtinCalibrations: readonly Calibration[] = ${parsed(finite)};
`;
}

/** JSON has no Infinity: a time that no kernel reaches stands for it. */
function shortOf(seconds) {
  return Number.isFinite(seconds) ? seconds : 1e300;
}

function modelsModule(models, packed) {
  return `${header}import type { Model } from "../architecture/model.ts";
import { unpackModels } from "../architecture/packed-models.ts";

/** The built-in models by id. */
export const builtinModels: Readonly<Record<string, Model>> = /* @__PURE__ */ unpackModels(${parsed(packed)});

/** Ids by their other names, in lower case. */
export const modelAliases: Readonly<Record<string, string>> = ${parsed(aliasesOf(models, "model"))};
`;
}

function provenanceModule(devices, models) {
  const byId = (profiles) => parsed(Object.fromEntries(profiles.map(({ profile }) => [profile.id, profile])));
  return `${header}import type { ModelProfile } from "../architecture/model-profile.ts";
import type { HardwareProfile } from "../hardware/hardware-profile.ts";

/** The profiles as written, each figure with its source, by id. */
export const hardwareProfiles: Readonly<Record<string, HardwareProfile>> = ${byId(devices)};
export const modelProfiles: Readonly<Record<string, ModelProfile>> = ${byId(models)};
`;
}

async function writeIfChanged(path, text) {
  if (existsSync(path) && (await readFile(path, "utf8")) === text) return;
  // Renamed into place, so that another process never reads a half.
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, text);
  await rename(temporary, path);
}

// `npm run types` needs the modules and no bundle.
if (process.argv[1] === import.meta.filename) await writeBuiltins(join(import.meta.dirname, ".."));
