import { byId } from "./dom.js";

// A reader at the end stays at the end, whatever grows; any other stays where they read and is told of news.
const reading = new Map(["scroll", "thread-scroll"].map((id) => [byId(id), { atEnd: true, place: "" }]));

for (const [box, where] of reading) {
  box.addEventListener("scroll", () => {
    where.atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 60;
    if (where.atEnd && box.id === "scroll") byId("jump").hidden = true;
  });
  const sizes = new ResizeObserver(() => where.atEnd && toEnd(box));
  sizes.observe(box);
  sizes.observe(box.firstElementChild);
}

byId("jump").addEventListener("click", () => toEnd(byId("scroll")));

/** Show the newest. */
export function toEnd(box) {
  box.scrollTop = box.scrollHeight;
}

/** Redraw a list that shows `place`. */
export function keepingEnd(box, place, change) {
  const where = reading.get(box);
  const height = box.scrollHeight;
  change();
  where.atEnd ||= where.place !== place;
  where.place = place;
  if (where.atEnd) toEnd(box);
  else if (box.id === "scroll" && box.scrollHeight > height) byId("jump").hidden = false;
}
