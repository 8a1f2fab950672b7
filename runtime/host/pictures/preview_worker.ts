/** Makes previews apart from the node: a picture that takes all of a worker's time takes nothing else. */
import { isPreviewable, type Preview, previewOf } from "./preview.ts";

interface Scope {
  onmessage: ((message: MessageEvent<{ bytes: Uint8Array; type: string }>) => void) | null;
  postMessage(preview: Preview | string): void;
}
const scope = self as unknown as Scope;

scope.onmessage = async ({ data: { bytes, type } }) => {
  if (!isPreviewable(type)) return scope.postMessage(`There are no previews of ${type}`);
  try {
    scope.postMessage(await previewOf(bytes, type));
  } catch (error) {
    scope.postMessage((error as Error).message);
  }
};
