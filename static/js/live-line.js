/** The line across the page: silence is flat; while someone speaks it shows the sound, now at the button, the past to its left. */

const PIXELS_PER_LEVEL = 3;
const STROKE = 1.5;
const BUTTON_REACH = 4.5; // rem from the middle of the button to where the sound comes out of it

export class LiveLine {
  #canvas;
  #peaks = [];
  #still = matchMedia("(prefers-reduced-motion: reduce)");

  constructor(canvas) {
    this.#canvas = canvas;
    new ResizeObserver(() => this.draw()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  push(peak) {
    this.#peaks.push(peak);
    if (!this.#still.matches) this.draw();
  }

  clear() {
    this.#peaks = [];
    this.draw();
  }

  draw() {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const ratio = Math.min(devicePixelRatio, 2);
    this.#canvas.width = width * ratio;
    this.#canvas.height = height * ratio;
    const context = this.#canvas.getContext("2d");
    context.scale(ratio, ratio);
    context.strokeStyle = getComputedStyle(this.#canvas).color;
    context.lineWidth = STROKE;
    context.lineCap = "round";
    const middle = height / 2;
    const now = width / 2 - BUTTON_REACH * parseFloat(getComputedStyle(document.documentElement).fontSize);
    const before = this.#peaks.length * PIXELS_PER_LEVEL;
    context.beginPath();
    context.moveTo(0, middle);
    context.lineTo(Math.max(0, now - before), middle);
    context.moveTo(now, middle);
    context.lineTo(width, middle);
    this.#visible(now).forEach((peak, index, shown) => {
      const x = now - (shown.length - index) * PIXELS_PER_LEVEL;
      const reach = Math.max(STROKE / 2, Math.sqrt(peak) * middle * 0.9);
      context.moveTo(x, middle - reach);
      context.lineTo(x, middle + reach);
    });
    context.stroke();
  }

  #visible(width) {
    return this.#peaks.slice(-Math.ceil(width / PIXELS_PER_LEVEL));
  }
}
