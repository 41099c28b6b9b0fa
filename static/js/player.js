/**
 * Plays a recording and shows it: a waveform to click and to walk through with the arrow keys, and on request a mel
 * spectrogram. Where wavesurfer is not installed or cannot decode the file, the browser's own player is there.
 */
import { make } from "./templates.js";
import { clock } from "./wording.js";

const RATE_HZ = 16_000;
const WAVE_REM = 6; // as high as the stylesheet makes room for
const SPECTROGRAM_REM = 10;
const STEP_S = 0.5;
const HERTZ_TICKS = [250, 500, 1000, 2000, 4000, 8000];

const pixels = (rem) => Math.round(rem * parseFloat(getComputedStyle(document.documentElement).fontSize));

const mel = (hertz) => 2595 * Math.log10(1 + hertz / 700);

/**
 * @param {HTMLElement} root emptied and filled
 * @param {Blob} audio
 * @returns {Promise<{destroy: () => void, media: HTMLMediaElement, colour: (answer: object) => void}>} `colour` paints
 *   the waveform in the emotions of an answer's timeline
 */
export async function showPlayer(root, audio, { spectrogram = true } = {}) {
  const address = URL.createObjectURL(audio);
  const plain = make("audio", { controls: true, src: address });
  plain.setAttribute("aria-label", "Recording");
  const parts = make("div", { className: "player-parts is-plain" }, plain);
  root.replaceChildren(parts);
  const wave = await drawWave(parts, audio, spectrogram).catch(() => null);
  return {
    media: wave?.getMediaElement() ?? plain,
    colour: (answer) => wave && paint(wave, answer),
    destroy() {
      wave?.destroy();
      URL.revokeObjectURL(address);
      parts.remove();
    },
  };
}

async function drawWave(parts, audio, spectrogram) {
  const [{ default: WaveSurfer }, plugin] = await Promise.all([
    import("wavesurfer"),
    spectrogram ? import("wavesurfer/spectrogram") : null,
  ]);
  const screen = buildScreen(spectrogram);
  parts.append(screen.frame);
  const style = getComputedStyle(parts);
  const ink = style.color;
  const wave = WaveSurfer.create({
    container: screen.wave,
    height: pixels(WAVE_REM),
    sampleRate: RATE_HZ,
    waveColor: style.getPropertyValue("--line"),
    progressColor: ink,
    cursorColor: ink,
    cursorWidth: 2,
    dragToSeek: true,
    normalize: true,
    cspNonce: document.querySelector("script[nonce]").nonce,
    plugins: plugin ? [spectrogramOf(plugin.default, screen.spectrogram, ink)] : [],
  });
  try {
    await wave.loadBlob(audio);
  } catch (error) {
    wave.destroy();
    screen.frame.remove();
    throw error;
  }
  parts.classList.remove("is-plain");
  parts.querySelector("audio").remove();
  parts.append(controls(wave, wave.getMediaElement(), screen));
  drawTimeAxis(screen.time, wave.getDuration());
  return wave;
}

function buildScreen(spectrogram) {
  const wave = make("div", { className: "player-wave" });
  const slider = make("div", { className: "player-slider", tabIndex: 0 }, wave);
  const frame = make("div", { className: "player-screen" }, slider);
  slider.setAttribute("role", "slider");
  slider.setAttribute("aria-label", "Position in the recording");
  slider.setAttribute("aria-valuemin", "0");
  const screen = { frame, slider, wave, time: make("div", { className: "axis time", ariaHidden: "true" }) };
  if (spectrogram) {
    screen.spectrogram = make("div", { className: "player-spectrogram" });
    slider.append(screen.spectrogram);
    frame.prepend(hertzAxis());
  } else {
    frame.classList.add("is-wave-only");
  }
  frame.append(screen.time);
  return screen;
}

function spectrogramOf(plugin, container, ink) {
  return plugin.create({
    container,
    height: pixels(SPECTROGRAM_REM),
    scale: "mel",
    frequencyMax: RATE_HZ / 2,
    fftSamples: 512,
    autoGain: true,
    rangeDB: 60,
    colorMap: inkMap(ink),
  });
}

/** Each stretch of the waveform in the colour of its emotion: pale ahead, full where it was heard already. */
function paint(wave, { timeline, duration_s }) {
  const style = getComputedStyle(wave.getWrapper());
  const draw = (opacity) => {
    const context = document.createElement("canvas").getContext("2d");
    const gradient = context.createLinearGradient(0, 0, wave.getWrapper().clientWidth * devicePixelRatio, 0);
    for (const { start_s, end_s, emotion } of timeline) {
      const tone = style.getPropertyValue(emotion ? `--${emotion}` : "--line") + opacity;
      [start_s, end_s].forEach((at_s) => gradient.addColorStop(Math.min(1, at_s / duration_s), tone));
    }
    return gradient;
  };
  wave.setOptions({ waveColor: draw("99"), progressColor: draw("ff") });
}

/** From nothing to ink, so that the picture belongs to the page in light and in dark. */
function inkMap(ink) {
  const [red, green, blue] = ink.match(/[\d.]+/g).map((part) => Number(part) / 255);
  return Array.from({ length: 256 }, (_, index) => [red, green, blue, (index / 255) ** 1.4]);
}

function hertzAxis() {
  const ticks = HERTZ_TICKS.map((hertz) => {
    const tick = make("span", { textContent: hertz < 1000 ? `${hertz} Hz` : `${hertz / 1000} kHz` });
    tick.style.insetBlockStart = `${(1 - mel(hertz) / mel(RATE_HZ / 2)) * 100}%`;
    return tick;
  });
  return make("div", { className: "axis hertz", ariaHidden: "true" }, ...ticks);
}

/** Marks of time under a drawing as wide as the recording is long; the last two are a step apart, or they would overprint. */
export function drawTimeAxis(axis, duration_s) {
  const step_s = [0.5, 1, 2, 5, 10, 30, 60, 120].find((step) => duration_s / step <= 8) ?? 300;
  for (let at_s = 0; at_s <= duration_s - step_s; at_s += step_s) axis.append(tickAt(at_s, duration_s));
  axis.append(tickAt(duration_s, duration_s));
}

function tickAt(at_s, duration_s) {
  const tick = make("span", { textContent: `${Number(at_s.toFixed(1))} s` });
  tick.style.insetInlineStart = `${(at_s / duration_s) * 100}%`;
  return tick;
}

function controls(wave, media, { slider }) {
  const play = make("button", { type: "button", textContent: "Play" });
  const time = make("span", {});
  const duration_s = wave.getDuration();
  const tell = () => {
    const at_s = Math.min(media.currentTime, duration_s);
    time.textContent = `${clock(at_s)} of ${clock(duration_s)}`;
    slider.setAttribute("aria-valuenow", at_s.toFixed(1));
    slider.setAttribute("aria-valuetext", `${at_s.toFixed(1)} of ${duration_s.toFixed(1)} seconds`);
  };
  slider.setAttribute("aria-valuemax", duration_s.toFixed(1));
  play.addEventListener("click", () => wave.playPause());
  wave.on("play", () => (play.textContent = "Pause"));
  wave.on("pause", () => (play.textContent = "Play"));
  wave.on("timeupdate", tell);
  media.addEventListener("seeking", tell);
  slider.addEventListener("keydown", (event) => steer(event, wave, media));
  tell();
  return make("div", { className: "player-controls" }, play, time);
}

function steer(event, wave, media) {
  const now_s = media.currentTime;
  const duration_s = wave.getDuration();
  const moves = {
    ArrowRight: now_s + STEP_S,
    ArrowUp: now_s + STEP_S,
    ArrowLeft: now_s - STEP_S,
    ArrowDown: now_s - STEP_S,
    PageUp: now_s + duration_s / 10,
    PageDown: now_s - duration_s / 10,
    Home: 0,
    End: duration_s,
  };
  if (event.key === " ") wave.playPause();
  else if (event.key in moves) media.currentTime = Math.min(Math.max(moves[event.key], 0), duration_s);
  else return;
  event.preventDefault();
}
