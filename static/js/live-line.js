/**
 * The line across the page: silence is flat; while someone speaks it shows the sound, now at the button, the past to its
 * left, in the colour of the emotion that was heard in it.
 */

const PIXELS_PER_LEVEL = 3;
const STROKE = 1.5;
const HEARD_LEVELS = 20; // a second of them: what an answer while speaking is mostly about
const BUTTON_REACH = 4.5; // rem from the middle of the button to where the sound comes out of it

export class LiveLine {
  #canvas;
  #levels = [];
  #emotion = null;
  #still = matchMedia("(prefers-reduced-motion: reduce)");

  constructor(canvas) {
    this.#canvas = canvas;
    new ResizeObserver(() => this.draw()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  push(peak) {
    this.#levels.push({ peak, emotion: this.#emotion });
    if (!this.#still.matches) this.draw();
  }

  /** Colours the last second and what follows; null is ink again. */
  hear(emotion) {
    this.#emotion = emotion;
    this.#levels.slice(-HEARD_LEVELS).forEach((level) => (level.emotion = emotion));
  }

  clear() {
    this.#levels = [];
    this.#emotion = null;
    this.draw();
  }

  draw() {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const ratio = Math.min(devicePixelRatio, 2);
    this.#canvas.width = width * ratio;
    this.#canvas.height = height * ratio;
    const context = this.#canvas.getContext("2d");
    context.scale(ratio, ratio);
    const style = getComputedStyle(this.#canvas);
    context.strokeStyle = style.color;
    context.lineWidth = STROKE;
    context.lineCap = "round";
    const middle = height / 2;
    const now = width / 2 - BUTTON_REACH * parseFloat(getComputedStyle(document.documentElement).fontSize);
    const before = this.#levels.length * PIXELS_PER_LEVEL;
    context.beginPath();
    context.moveTo(0, middle);
    context.lineTo(Math.max(0, now - before), middle);
    context.moveTo(now, middle);
    context.lineTo(width, middle);
    context.stroke();
    this.#visible(now).forEach(({ peak, emotion }, index, shown) => {
      const x = now - (shown.length - index) * PIXELS_PER_LEVEL;
      const reach = Math.max(STROKE / 2, Math.sqrt(peak) * middle * 0.9);
      context.strokeStyle = emotion ? style.getPropertyValue(`--${emotion}`) : style.color;
      context.beginPath();
      context.moveTo(x, middle - reach);
      context.lineTo(x, middle + reach);
      context.stroke();
    });
  }

  #visible(width) {
    return this.#levels.slice(-Math.ceil(width / PIXELS_PER_LEVEL));
  }
}
