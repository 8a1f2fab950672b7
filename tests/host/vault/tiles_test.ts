/** Tiles: a picture is whole from all of them, and shows which are missing. */
import assert from "node:assert/strict";
import { joinedTiles, tilesOf, VIEW_SIDE } from "../../../runtime/host/vault/tiles.ts";

function picture(width: number, height: number) {
  const rgba = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      rgba.set([x * 255 / width, y * 255 / height, 90, 255], (y * width + x) * 4);
    }
  }
  return { width, height, rgba };
}

Deno.test("all tiles make the view, of any size; it is near the picture", async () => {
  for (const [width, height] of [[600, 401], [2_000, 700], [5, 3], [1, 1]] as const) {
    const original = picture(width, height), { files, ...grid } = await tilesOf(original);
    assert.equal(files.length, grid.columns * grid.rows);
    assert.ok(Math.max(grid.width, grid.height) <= VIEW_SIDE);
    const view = await joinedTiles(grid, new Map(files.entries()));
    assert.deepEqual([view.width, view.height], [grid.width, grid.height]);
    const corner = view.rgba.subarray(view.rgba.length - 4);
    const wanted = original.rgba.subarray(original.rgba.length - 4);
    assert.ok(
      corner.every((value, at) => Math.abs(value - wanted[at]!) < 14),
      `${width} x ${height}`,
    );
  }
});

Deno.test("a missing tile, and one of another size, are striped; the others are as they were", async () => {
  const { files, ...grid } = await tilesOf(picture(600, 600));
  const some = new Map(files.entries());
  some.delete(7);
  some.set(8, (await tilesOf(picture(60, 60))).files[0]!);
  const view = await joinedTiles(grid, some),
    whole = await joinedTiles(grid, new Map(files.entries()));
  const pixel = (
    raster: typeof view,
    x: number,
    y: number,
  ) => [...raster.rgba.subarray((y * 600 + x) * 4, (y * 600 + x) * 4 + 3)];
  for (const x of [150, 250]) {
    const [red, green, blue] = pixel(view, x, 150);
    assert.ok(red === green && green === blue && (red === 90 || red === 150));
  }
  assert.deepEqual(pixel(view, 50, 50), pixel(whole, 50, 50));
  assert.deepEqual(pixel(view, 350, 150), pixel(whole, 350, 150));
});
