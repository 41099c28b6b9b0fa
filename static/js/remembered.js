/** Small things that this browser remembers of a person's choices, where it lets pages remember anything at all. */

export function remembered(key, storage = "localStorage") {
  try {
    return globalThis[storage].getItem(key);
  } catch {
    return null; // as if it had never been chosen
  }
}

export function remember(key, value, storage = "localStorage") {
  try {
    globalThis[storage].setItem(key, value);
  } catch {
    // a browser that keeps nothing asks again next time
  }
}
