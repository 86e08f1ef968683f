import { chooseItems, type Item } from '../../../activities/vlm/items.js';

function itemsOf(count: number): Item[] {
  const about = {
    group: 'g',
    slice: null,
    question: '',
    image: null,
    expected: '',
    messages: [],
    images: [],
    answerKind: null,
    format: null,
    asItStands: false,
  };
  return Array.from({ length: count }, (_, index) => ({ ...about, id: `item-${index}` }));
}

const ids = (items: Item[]) => items.map(({ id }) => id);

describe('chooseItems', () => {
  it('chooses what the trainer chooses, so that parity compares the same items', () => {
    // Computed by anneal_trainer.records.draw("limit", 7, id), the 12 smallest of item-0 to item-49.
    const byTrainer = [0, 1, 3, 4, 10, 14, 15, 20, 28, 31, 32, 49].map((index) => `item-${index}`);
    expect(ids(chooseItems(itemsOf(50), 12, 7))).toEqual(byTrainer);
  });

  it('does not depend on the order of the set', () => {
    const items = itemsOf(50);
    const backwards = chooseItems([...items].reverse(), 12, 7);
    expect(ids(backwards).sort()).toEqual(ids(chooseItems(items, 12, 7)).sort());
  });

  it('keeps the set’s order, and all of it where the limit is no limit', () => {
    expect(ids(chooseItems(itemsOf(3), null, 1))).toEqual(['item-0', 'item-1', 'item-2']);
    expect(chooseItems(itemsOf(3), 3, 1)).toHaveLength(3);
  });
});
