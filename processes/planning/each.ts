/** Works on all items, so many at once; one that fails holds up no other. @returns the errors */
export const each = async <Item>(
  items: readonly Item[],
  concurrency: number,
  work: (item: Item) => Promise<void>,
): Promise<readonly { readonly item: Item; readonly error: unknown }[]> => {
  const failed: { readonly item: Item; readonly error: unknown }[] = [];
  const rest = items[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (const item of rest)
      try {
        await work(item);
      } catch (error) {
        failed.push({ item, error });
      }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker));
  return failed;
};
