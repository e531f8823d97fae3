// What the rules on our own scripts have to find and what they must leave alone; `semgrep --test` compares. Never run.

function samples(target, key, value, answer, list, index) {
  // ruleid: foreign-key-in-script
  target[key] = value;
  // ruleid: foreign-key-in-script
  target[answer.name] = value;
  // ruleid: foreign-key-in-script
  target[key][value] = 1;
  // ruleid: foreign-key-in-script
  target[key] += value;
  // ok: foreign-key-in-script
  const made = { [key]: value };
  // ok: foreign-key-in-script
  target.name = value;
  // ok: foreign-key-in-script
  target['name'] = value;
  // ok: foreign-key-in-script
  list[0] = value;
  // ok: foreign-key-in-script
  const read = target[key];

  // ruleid: foreign-merge-in-script
  Object.assign(target, answer);
  // ok: foreign-merge-in-script
  const copy = { ...answer };
  // ruleid: foreign-merge-in-script
  const parsed = Object.assign({}, JSON.parse(answer));
  // ok: foreign-merge-in-script
  Object.fromEntries(answer);
  // ruleid: foreign-merge-in-script
  Object.defineProperty(target, key, { value });
  // ruleid: foreign-merge-in-script
  Reflect.set(target, key, value);

  // ruleid: prototype-in-script
  target.__proto__ = value;
  // ruleid: prototype-in-script
  target['__proto__'].x = value;
  // ruleid: prototype-in-script
  target.constructor.prototype.x = value;
  // ruleid: prototype-in-script
  Object.setPrototypeOf(target, value);
  // ruleid: prototype-in-script
  Array.prototype.last = value;
  // ok: prototype-in-script
  Array.prototype.map.call(list, String);
}
