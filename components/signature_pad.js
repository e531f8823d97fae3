// A field to sign in with a finger or a pen. It gives its drawing as strokes of whole points: the server rebuilds it.
import SignaturePad from "/assets/vendor/signature_pad/signature_pad.js";

const LARGEST = 28000;

function drawn(points, step) {
  const kept = points.filter((_, index) => index % step === 0 || index === points.length - 1);
  return kept.map(({ x, y }, index) => `${index ? "L" : "M"}${Math.max(0, Math.round(x))} ${Math.max(0, Math.round(y))}`).join("");
}

export default {
  template: `<canvas class="signature" role="img" :aria-label="label"></canvas>`,
  props: { label: String },
  mounted() {
    this.pad = new SignaturePad(this.$el, { penColor: "#10204a", minWidth: 1.2, maxWidth: 3.2, throttle: 16 });
    this.pad.addEventListener("endStroke", () => this.$emit("drawn"));
    this.observer = new ResizeObserver(() => this.fit());
    this.observer.observe(this.$el);
  },
  beforeUnmount() {
    this.observer.disconnect();
    this.pad.off();
  },
  methods: {
    // The canvas has as many points as the screen, so that the line is sharp; turning the tablet keeps the drawing.
    fit() {
      const ratio = Math.max(window.devicePixelRatio || 1, 1);
      const [width, height] = [this.$el.offsetWidth, this.$el.offsetHeight];
      if (!width || (this.width === width && this.height === height)) return;
      [this.width, this.height] = [width, height];
      const strokes = this.pad.toData();
      this.$el.width = width * ratio;
      this.$el.height = height * ratio;
      this.$el.getContext("2d").scale(ratio, ratio);
      this.pad.clear();
      this.pad.fromData(strokes);
    },
    clear() {
      this.pad.clear();
    },
    svg() {
      if (this.pad.isEmpty()) return "";
      const strokes = this.pad.toData().map((stroke) => stroke.points);
      const widest = Math.ceil(Math.max(this.width, ...strokes.flat().map(({ x }) => x))); // drawn before a turn of the tablet
      for (let step = 1; step < 64; step *= 2) {
        const paths = strokes.map((points) => `<path d="${drawn(points, step)}"/>`).join("");
        const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${widest} ${this.height}">${paths}</svg>`;
        if (svg.length <= LARGEST) return svg;
      }
      return "";
    },
  },
};
