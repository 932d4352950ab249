/** A config.json that somebody pasted: data only, read by the library's own guarded reader. */
import { type HuggingFaceModel, modelFromHuggingFace } from "ridgepoint";
import { parseJson } from "ridgepoint/profiles";

const what = "config.json";

/**
 * The text without white space between its parts, once it is known to be a model's.
 * @throws InvalidInput for a syntax error with its line, a forbidden key, more than 5 MB, and what is no known model
 */
export function checkedConfig(text: string): string {
  const content = parseJson(text, what);
  modelFromHuggingFace(content, undefined, { what, weightsGiven: true });
  return JSON.stringify(content);
}

/**
 * The model of such a text.
 * @param weightsGiven whether the weights' format is set beside it
 * @throws InvalidInput as checkedConfig does
 */
export function configModel(text: string, weightsGiven: boolean): HuggingFaceModel {
  return modelFromHuggingFace(parseJson(text, what), undefined, { what, weightsGiven });
}
