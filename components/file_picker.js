// Pictures to be attached: chosen or taken by the camera, sent one after another to our own address, shown until used.
const icon = (name) => `<svg class="icon" aria-hidden="true"><use :href="sprite + '#${name}'"></use></svg>`;

export default {
  template: `<div class="attach">
    <button type="button" class="button attach__add" :class="words.shown ? '' : 'button--quiet button--icon'" :aria-label="words.add" :title="words.add" @click="$refs.input.click()">${icon("paperclip")}{{ words.shown }}</button>
    <input ref="input" type="file" multiple hidden :accept="accept" @change="choose">
    <ul v-if="items.length || problem" class="attach__list" :aria-label="words.list">
      <li v-for="item in items" :key="item.key" class="attach__item" :class="{ 'attach__item--bad': item.error }">
        <img v-if="item.picture && !item.error" class="attach__picture" :src="item.picture" alt="" @error="item.picture = ''">
        <span v-else class="attach__picture">${icon("circle-alert")}</span>
        <span class="attach__what"><span class="attach__name">{{ item.name }}</span>
          <progress v-if="item.part < 1 && !item.error" class="attach__bar" :value="item.part" max="1" :aria-label="words.sending"></progress>
          <span v-else-if="item.error" class="field__error" role="alert">{{ item.error }}</span>
          <span v-else class="small muted" role="status">{{ item.id ? words.ready : words.checking }}</span></span>
        <button type="button" class="button button--quiet button--icon" :aria-label="words.remove.replace('{name}', item.name)" @click="remove(item)">${icon("x")}</button>
      </li>
      <li v-if="problem" class="attach__item attach__item--bad"><span class="field__error" role="alert">{{ problem }}</span></li>
    </ul>
  </div>`,
  props: { address: String, target: String, accept: String, most_bytes: Number, most_files: Number, stays: Boolean, sprite: String, words: Object },
  data: () => ({ items: [], problem: "" }),
  created() {
    this.count = 0;
    this.line = Promise.resolve();
  },
  beforeUnmount() {
    this.clear();
  },
  methods: {
    choose(event) {
      const room = this.most_files - this.items.filter((item) => !item.error).length;
      const files = [...event.target.files];
      event.target.value = "";
      this.problem = files.length > room ? this.words.too_many : "";
      for (const file of files.slice(0, Math.max(room, 0))) this.add(file);
      this.tell();
    },
    add(file) {
      const error = file.size > this.most_bytes ? this.words.too_large : "";
      this.items.push({ key: ++this.count, name: file.name, picture: URL.createObjectURL(file), part: 0, id: "", error });
      const item = this.items.at(-1);
      if (!error) this.line = this.line.then(() => this.send(item, file));
    },
    send(item, file) {
      return new Promise((done) => {
        if (!this.items.includes(item)) return done();
        const request = new XMLHttpRequest();
        const finish = (error) => {
          if (error) item.error = error;
          else {
            item.id = request.response.id;
            item.part = 1;
            if (!this.stays) this.remove(item);
          }
          this.tell();
          done();
        };
        item.request = request;
        request.open("POST", this.address);
        request.responseType = "json";
        request.setRequestHeader("X-File-Name", encodeURIComponent(file.name.toWellFormed?.() ?? file.name));
        request.setRequestHeader("X-File-For", encodeURIComponent(this.target));
        request.upload.onprogress = ({ loaded, total }) => { item.part = loaded / total; };
        request.onload = () => finish(request.status === 201 ? "" : request.response?.error || this.words.lost);
        request.onerror = () => finish(this.words.lost);
        request.onabort = () => done();
        request.send(file);
      });
    },
    remove(item) {
      if (item.request?.readyState < 4) item.request.abort();
      URL.revokeObjectURL(item.picture);
      this.items = this.items.filter((other) => other !== item);
      this.tell();
    },
    // The server is told what may be sent and whether something is still on its way.
    tell() {
      const ids = this.items.filter((item) => item.id).map((item) => item.id);
      this.$emit("files", ids, this.items.some((item) => !item.id && !item.error));
    },
    clear() {
      for (const item of [...this.items]) this.remove(item);
      this.problem = "";
    },
  },
};
