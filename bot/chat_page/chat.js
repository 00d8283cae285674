// For browsers of 2017 (ES2017). Everything said becomes text nodes, never markup.
"use strict";

const WORDS = {
  id: {
    skip: "Langsung ke kotak tulis", language: "Bahasa", leave: "Selesai", log: "Percakapan",
    welcome: "Selamat datang", about: "Rewang membantu mengurus surat, layanan, dan aduan di desa Anda. Gratis.",
    start: "Mulai", write: "Tulis pesan", send: "Kirim", photo: "Foto", location: "Lokasi",
    you: "Anda:", today: "Hari ini", sending: "mengirim…", open: "Buka berkas", place: "Lokasi dikirim",
    signal: "Menunggu sinyal…", kept: "Pesan Anda disimpan dan dikirim nanti.",
    finding: "Mencari lokasi…", nowhere: "Lokasi tidak dapat dibaca. Silakan ketik nama desa Anda.",
    leaving: "Selesai? Percakapan ini hilang dari perangkat ini, supaya orang berikutnya mulai baru. Catat dulu kode permohonan Anda.",
    unsent: "Pesan yang belum terkirim ikut hilang.", who: "Coba sebagai", self: "Saya sendiri",
    too_fast: "Terlalu banyak pesan sekaligus. Pesan berikutnya dikirim sebentar lagi.",
    no_session: "Percakapan ini tidak dikenal lagi. Silakan muat ulang halaman, dan izinkan cookie.",
    too_big: "Foto itu terlalu besar (paling banyak 10 MB). Silakan kirim foto yang lebih kecil.",
    broken: "Foto itu tidak dapat dibuka. Silakan kirim lagi, atau ambil foto baru.",
    wrong_type: "Berkas itu bukan foto. Silakan kirim foto (JPEG atau PNG).",
    refused: "Pesan itu tidak dapat dikirim. Silakan muat ulang halaman ini, lalu coba lagi."
  },
  jv: {
    skip: "Langsung dhateng kothak serat", language: "Basa", leave: "Rampung", log: "Pirembagan",
    welcome: "Sugeng rawuh", about: "Rewang mbiyantu ngurus surat, layanan, lan wadul wonten desa panjenengan. Gratis.",
    start: "Wiwiti", write: "Serat pesen", send: "Kirim", photo: "Foto", location: "Lokasi",
    you: "Panjenengan:", today: "Dinten menika", sending: "dipunkirim…", open: "Bikak berkas", place: "Lokasi sampun dipunkirim",
    signal: "Nengga sinyal…", kept: "Pesen panjenengan dipunsimpen lan badhe dipunkirim mangke.",
    finding: "Madosi lokasi…", nowhere: "Lokasi mboten saged dipunwaos. Mangga ketik nami desa panjenengan.",
    leaving: "Sampun rampung? Pirembagan menika badhe ical saking piranti menika, supados tiyang sanes saged miwiti enggal. Mangga kode panyuwunan panjenengan dipuncathet rumiyin.",
    unsent: "Pesen ingkang dereng kakirim tumut ical.", who: "Cobi dados", self: "Kula piyambak",
    too_fast: "Pesenipun kekathahen sareng-sareng. Pesen salajengipun dipunkirim sekedhap malih.",
    no_session: "Pirembagan menika sampun mboten dipuntepangi. Mangga kaca menika dipunbikak malih, lan cookie dipunidini.",
    too_big: "Foto menika kagengen (paling ageng 10 MB). Mangga kirim foto ingkang langkung alit.",
    broken: "Foto menika mboten saged dipunbikak. Mangga dipunkirim malih, utawi mundhut foto enggal.",
    wrong_type: "Berkas menika sanes foto. Mangga kirim foto (JPEG utawi PNG).",
    refused: "Pesen menika mboten saged dipunkirim. Mangga kaca menika dipunbikak malih, lajeng dipuncobi malih."
  }
};
const SAME = { empty: "broken", program: "wrong_type", video: "wrong_type", busy: "too_fast", too_many_pages: "too_fast" };
const SPOKEN = { id: "bahasa indonesia", jv: "basa jawa" };
const QUEUE = "rewang.queue", LANGUAGE = "rewang.language", LEAVING = "rewang.leaving";
const WAIT_SECONDS = 20, LONGEST_REST_SECONDS = 30, MOST_SIDE = 1600, MOST_PHOTO_BYTES = 10 * 1024 * 1024;

const find = (id) => document.getElementById(id);
const each = (pattern, act) => document.querySelectorAll(pattern).forEach(act);
const log = find("log"), text = find("text"), notice = find("notice"), welcome = find("welcome");
const waiting = new Map();  // bubbles of messages that are not in the history yet, by id
const wakers = new Set();
let words = WORDS.id, queue = [], after = 0, lastDay = "", newest = null, ready = false, sending = false, leaving = false, noSignal = false;

// Small things

function make(tag, style, content) {
  const element = document.createElement(tag);
  if (style) element.className = style;
  if (content) element.textContent = content;
  return element;
}

function recall(key) {
  try { return localStorage.getItem(key); } catch (error) { return null; }
}

function remember(key, value) {
  try {
    if (value === null) localStorage.removeItem(key); else localStorage.setItem(key, value);
    return true;
  } catch (error) { return false; }  // full, or forbidden: then it lives as long as the page
}

function makeId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => (byte + 256).toString(16).slice(1)).join("");
}

function rest(seconds) {
  return new Promise((resolve) => {
    const wake = () => { wakers.delete(wake); clearTimeout(timer); resolve(); };
    const timer = setTimeout(wake, seconds * 1000);
    wakers.add(wake);
  });
}

const wakeAll = () => Array.from(wakers).forEach((wake) => wake());
const backOff = (failures) => Math.min(Math.pow(2, failures - 1), LONGEST_REST_SECONDS) * (0.75 + Math.random() / 2);
const tell = (sentence) => { notice.textContent = sentence || ""; };

function showSignal(missing) {
  noSignal = missing;
  find("signal").textContent = missing ? words.signal + (queue.length ? " " + words.kept : "") : "";
}

// Calls the server; status 0 is no answer, or one that is not ours (the sign-in page of somebody's Wi-Fi).
function call(method, path, body, type, seconds) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open(method, path);
    request.timeout = seconds * 1000;
    request.setRequestHeader("X-Rewang", "1");
    if (type) request.setRequestHeader("Content-Type", type);
    request.onloadend = () => {
      let answer = null, status = request.status;
      try { answer = JSON.parse(request.responseText); } catch (error) { answer = null; }
      if (!answer || !(answer.ok || answer.lines || answer.people || answer.error)) status = status >= 500 ? status : 0;
      resolve({ status: status, answer: answer || {}, wait: Number(request.getResponseHeader("Retry-After")) || 0 });
    };
    request.send(body || null);
  });
}

// What is shown

function writeText(into, said, mayEmphasise) {
  const parts = mayEmphasise ? said.split(/\*([^*]+)\*/) : [said];
  parts.forEach((part, index) => {
    if (part) into.appendChild(index % 2 ? make("strong", "", part) : document.createTextNode(part));
  });
}

// A document has a name and is saved under it; a photo has none and is shown.
function writeFile(into, id, name) {
  const link = make("a", name && "file", name), path = "/chat/media/" + encodeURIComponent(id);
  into.appendChild(link);
  if (name) {
    link.href = path + "/" + encodeURIComponent(name);
    link.download = name;
    return;
  }
  const image = make("img");
  link.href = image.src = path;
  link.target = "_blank";
  link.rel = "noopener";
  image.alt = words.photo;
  image.onload = () => keepPlace();
  image.onerror = () => { link.textContent = words.open; };
  link.appendChild(image);
}

function writeButtons(into, buttons) {
  const choices = make("div", "choices");
  if (buttons.length > 4 || buttons.some((button) => button[0].length > 24)) choices.className += " long";
  buttons.forEach((button) => {
    const pressed = make("button", "", button[0]);
    pressed.type = "button";
    pressed.onclick = () => send({ choice: button[1], label: button[0] });
    choices.appendChild(pressed);
  });
  into.appendChild(choices);
}

function writeDay(at) {
  const day = at.toDateString();
  if (day === lastDay) return;
  lastDay = day;
  const today = day === new Date().toDateString();
  log.appendChild(make("p", "day", today ? words.today : at.toLocaleDateString("id", { day: "numeric", month: "long", year: "numeric" })));
}

function makeLine(line) {
  const row = make("div", line.mine ? "line mine" : "line"), bubble = make("div", "bubble"), at = new Date(line.at);
  bubble.appendChild(make("span", "hidden", line.mine ? words.you : "Rewang:"));
  if (line.text) {
    const said = make("p");
    writeText(said, line.text, !line.mine);
    bubble.appendChild(said);
  }
  line.media.forEach((file) => writeFile(bubble, file[0], file[1]));
  const clock = ("0" + at.getHours()).slice(-2) + "." + ("0" + at.getMinutes()).slice(-2);
  bubble.appendChild(make("p", "meta", line.waits ? words.sending : clock));
  if (line.mine) row.setAttribute("aria-live", "off");  // one knows what one said
  row.appendChild(bubble);
  if (line.buttons.length) writeButtons(row, line.buttons);
  return row;
}

function showLine(line) {
  const shown = line.id && waiting.get(line.id);
  if (shown) {
    waiting.delete(line.id);
    if (!line.text && !line.media.length) return null;  // the server kept no words of it; ours stay
    log.removeChild(shown);
  } else if (!line.text && !line.media.length) return null;
  writeDay(new Date(line.at));
  const row = makeLine(line);
  log.appendChild(row);
  if (!line.mine) {
    if (newest) newest.classList.remove("newest");
    row.classList.add("newest");
    newest = row;
    find("location").classList.toggle("wanted", line.ask === "location");
  }
  return row;
}

function showLines(lines, first) {
  let top = null;
  if (first) log.setAttribute("aria-live", "off");  // a whole history is not read out
  lines.filter((line) => line.number > after).forEach((line) => {
    after = line.number;
    const row = showLine(line);
    if (!row) return;
    if (!first) row.classList.add("arriving");
    if (!line.mine && !top) top = row;
  });
  waiting.forEach((row) => log.appendChild(row));  // what is not there yet stays below
  welcome.hidden = after > 0 || waiting.size > 0;
  if (lines.length) showEnd(first ? null : top);
  if (first) setTimeout(() => log.setAttribute("aria-live", "polite"), 500);
}

// To the end; but a long answer is shown from its beginning.
function showEnd(top) {
  const end = log.scrollHeight - log.clientHeight;
  log.scrollTop = top ? Math.min(end, top.offsetTop - 12) : end;
}

function keepPlace() {
  if (log.scrollHeight - log.scrollTop - log.clientHeight < 400) showEnd(newest === log.lastChild ? newest : null);
}

function speak(language) {
  words = WORDS[language];
  document.documentElement.lang = language;
  remember(LANGUAGE, language);
  each("[data-word]", (element) => { element.textContent = words[element.dataset.word]; });
  each("[data-label]", (element) => element.setAttribute("aria-label", words[element.dataset.label]));
  each("[data-language]", (button) => button.setAttribute("aria-pressed", String(button.dataset.language === language)));
  text.placeholder = words.write;
  showSignal(noSignal);
}

// What is sent: each message waits in the queue, also over a reload, until the server has said that it is kept --------

function keepQueue() {
  if (remember(QUEUE, JSON.stringify(queue))) return;
  remember(QUEUE, JSON.stringify(queue.filter((item) => !item.photo)));  // photos are what fills it
}

function send(item) {
  item.id = makeId();
  item.label = item.label || item.text;
  item.at = new Date().toISOString();
  queue.push(item);
  keepQueue();
  showWaiting(item);
  showEnd(null);
  if (!noSignal) tell("");
  deliver();
}

function showWaiting(item) {
  writeDay(new Date(item.at));
  const row = makeLine({ mine: true, text: item.label, media: [], buttons: [], at: item.at, waits: true });
  waiting.set(item.id, row);
  log.appendChild(row);
  welcome.hidden = true;
  showSignal(noSignal);
}

function post(item) {
  if (item.photo) {
    const bytes = Uint8Array.from(atob(item.photo), (letter) => letter.charCodeAt(0));
    return call("POST", "/chat/photo?id=" + item.id, new Blob([bytes]), item.type, 300);
  }
  const sent = { id: item.id };
  ["text", "choice", "location"].forEach((name) => { if (item[name]) sent[name] = item[name]; });
  return call("POST", "/chat/send", JSON.stringify(sent), "application/json", 30);
}

async function deliver() {
  if (sending || !ready) return;
  sending = true;
  let failures = 0;
  while (queue.length && !leaving) {
    const item = queue[0], got = await post(item);
    if (leaving) break;
    const error = WORDS.id[got.answer.error] ? got.answer.error : SAME[got.answer.error];
    if (got.status === 200) {
      failures = 0;
      queue.shift();
      keepQueue();
      showSignal(false);
      showSent(item);
    } else if (got.status >= 400 && got.status < 500 && [401, 408, 429].indexOf(got.status) < 0) {
      queue.shift();
      keepQueue();
      tell(words[error || "refused"]);
      const row = waiting.get(item.id);
      waiting.delete(item.id);
      if (row) log.removeChild(row);
      if (item.text && !text.value) text.value = item.text;
    } else {
      failures += 1;
      if (error) tell(words[error]);
      showSignal(got.status === 0 || got.status >= 500);
      await rest(got.wait || backOff(failures));
      if (error) tell("");
    }
  }
  sending = false;
}

function showSent(item) {
  const row = waiting.get(item.id);
  if (row) row.querySelector(".meta").textContent = "✓";
}

async function listen() {
  let failures = 0;
  while (!leaving) {
    if (document.hidden) await rest(3600);
    const got = await call("GET", "/chat/lines?after=" + after + "&wait=" + (ready ? WAIT_SECONDS : 0), null, null, WAIT_SECONDS * 2);
    if (leaving) return;
    if (got.status === 200) {
      if (got.answer.new && after > 0) { location.reload(); return; }  // the cookie is gone: another conversation
      showLines(got.answer.lines, !ready);
      showSignal(false);
      failures = 0;
      if (ready && got.answer.new) {
        await rest(LONGEST_REST_SECONDS);  // cookies are not kept here
      } else if (!ready) {
        ready = true;
        deliver();
        if (document.documentElement.dataset.who === "on") offerPeople();
      }
    } else {
      failures += 1;
      if (got.status === 401) tell(words.no_session);
      else if (got.status === 0 || got.status >= 500) showSignal(true);
      await rest(got.wait || backOff(failures));
    }
  }
}

// Photos are made smaller first; a browser that cannot sends them as they are.
async function shrink(file) {
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, MOST_SIDE / Math.max(picture.width, picture.height));
    const canvas = make("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const small = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.8));
    return small && small.size < file.size ? small : file;
  } catch (error) { return file; }
}

async function sendPhoto(file) {
  tell("");
  const small = await shrink(file);
  if (small.size > MOST_PHOTO_BYTES) { tell(words.too_big); return; }
  const reader = new FileReader();
  reader.onload = () => send({ photo: String(reader.result).split(",")[1] || "", type: small.type, label: words.photo });
  reader.onerror = () => tell(words.broken);
  reader.readAsDataURL(small);
}

function sendLocation() {
  if (!navigator.geolocation) { tell(words.nowhere); return; }
  tell(words.finding);
  navigator.geolocation.getCurrentPosition(
    (found) => send({ location: [found.coords.latitude, found.coords.longitude], label: words.place }),
    () => tell(words.nowhere),
    { enableHighAccuracy: true, timeout: 20000, maximumAge: 60000 }
  );
}

function sendText() {
  const typed = text.value.trim();
  if (!typed) return;
  text.value = "";
  fitText();
  send({ text: typed });
}

function fitText() {
  text.style.height = "auto";
  text.style.height = text.scrollHeight + 2 + "px";
}

// The next person at the device: nothing may be left, also where there is no signal just now.
async function leave() {
  leaving = true;
  remember(LEAVING, "1");
  remember(QUEUE, null);
  remember(LANGUAGE, null);
  document.body.classList.add("leaving");
  while (log.firstChild) log.removeChild(log.firstChild);
  text.value = "";
  for (let failures = 1; ; failures += 1) {
    const got = await call("POST", "/chat/leave", null, null, 20);
    if (got.answer.ok || got.status === 401) break;
    showSignal(true);
    await rest(backOff(failures));
  }
  remember(LEAVING, null);
  location.replace("/chat");
}

// Only in the demo: being somebody of the sample data

async function offerPeople() {
  const got = await call("GET", "/chat/who", null, null, 20);
  if (!got.answer.people) return;
  const label = make("label", "", words.who), choice = make("select");
  label.htmlFor = choice.id = "person";
  label.dataset.word = "who";
  [{ key: "", label: words.self }].concat(got.answer.people).forEach((person) => {
    const option = make("option", "", person.label);
    option.value = person.key;
    option.selected = person.key === got.answer.chosen;
    choice.appendChild(option);
  });
  choice.onchange = async () => {
    const done = await call("POST", "/chat/who", JSON.stringify({ key: choice.value }), "application/json", 20);
    if (!done.answer.ok) { tell(words.refused); return; }
    remember(QUEUE, null);
    location.reload();
  };
  find("who").appendChild(label);
  find("who").appendChild(choice);
  find("who").hidden = false;
}

function begin() {
  log.removeChild(find("loading"));
  speak(recall(LANGUAGE) === "jv" ? "jv" : "id");
  if (recall(LEAVING)) { leave(); return; }
  try { queue = JSON.parse(recall(QUEUE)) || []; } catch (error) { queue = []; }
  queue.forEach(showWaiting);
  find("form").onsubmit = (event) => { event.preventDefault(); sendText(); };
  text.onkeydown = (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    sendText();
  };
  text.oninput = fitText;
  find("start").onclick = () => send({ text: "mulai" });
  find("photo").onclick = () => find("file").click();
  find("file").onchange = (event) => {
    const file = event.target.files[0];
    if (file) sendPhoto(file);
    event.target.value = "";
  };
  find("location").onclick = sendLocation;
  find("leave").onclick = () => {
    if (confirm(words.leaving + (queue.length ? "\n\n" + words.unsent : ""))) leave();
  };
  each("[data-language]", (button) => {
    button.onclick = () => {
      speak(button.dataset.language);
      if (after > 0) send({ text: SPOKEN[button.dataset.language] });
    };
  });
  window.addEventListener("online", wakeAll);
  window.addEventListener("offline", () => showSignal(true));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) wakeAll(); });
  if (window.matchMedia("(hover: hover)").matches) text.focus();
  listen();
}

begin();
