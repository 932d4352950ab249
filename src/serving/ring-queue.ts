/** A queue open at both ends, in a ring that doubles when it is full. */

export class RingQueue<T> {
  /** The number of its items. */
  length = 0;
  private items: (T | undefined)[] = new Array<T | undefined>(16).fill(undefined);
  private head = 0;

  /** The item at `index` from the front; undefined beyond the last one. */
  at(index: number): T | undefined {
    return index < this.length ? this.items[(this.head + index) & (this.items.length - 1)] : undefined;
  }

  pushBack(item: T): void {
    this.makeRoom();
    this.items[(this.head + this.length++) & (this.items.length - 1)] = item;
  }

  pushFront(item: T): void {
    this.makeRoom();
    this.head = (this.head - 1) & (this.items.length - 1);
    this.items[this.head] = item;
    this.length++;
  }

  popFront(): T | undefined {
    if (this.length === 0) return undefined;
    const item = this.items[this.head];
    this.items[this.head] = undefined;
    this.head = (this.head + 1) & (this.items.length - 1);
    this.length--;
    return item;
  }

  popBack(): T | undefined {
    if (this.length === 0) return undefined;
    const place = (this.head + --this.length) & (this.items.length - 1);
    const item = this.items[place];
    this.items[place] = undefined;
    return item;
  }

  private makeRoom(): void {
    const { items, head, length } = this;
    if (length < items.length) return;
    this.items = [...items.slice(head), ...items.slice(0, head), ...new Array<T | undefined>(length).fill(undefined)];
    this.head = 0;
  }
}
