/**
 * How wide a picture is on this screen. `left`: where its bars begin; on a narrow screen their names stand above them, and not `beside` them.
 */
export function roomFor(
  left: number,
  most: number,
): { readonly width: number; readonly left: number; readonly beside: boolean } {
  const width = Math.max(300, Math.min(most, document.documentElement.clientWidth - 40));
  return width < left + 320 ? { width, left: 4, beside: false } : { width, left, beside: true };
}
