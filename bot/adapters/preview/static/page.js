// The preview's liveness: what the server renders is swapped in, message by message, so that nothing flickers.
"use strict";

const NEAR = 120; // pixels from the end of a log within which it follows what is new
const AGAIN = 2000; // milliseconds before a stream that the server refused is tried again
const STILL = matchMedia("(prefers-reduced-motion: reduce)");
const meta = (name) => document.querySelector(`meta[name="unsent-${name}"]`).content;
const $ = (selector, root = document) => root.querySelector(selector);
const paneOf = (element) => element.closest(".pane");

// Talking to the server

async function post(name, body) {
  const response = await fetch(`/preview/api/${name}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Unsent-Token": meta("token") },
    body: JSON.stringify(body),
  });
  if (response.ok) return response.json();
  throw new Error(response.status === 410 ? await response.text() : document.body.dataset.failed);
}

async function act(pane, name, body) {
  const { account, place } = pane.dataset;
  complain(pane, "");
  try {
    const { html } = await post(name, { account, place, ...body });
    if (html) openSheet(pane, html, body.message);
    return true;
  } catch (error) {
    complain(pane, error instanceof TypeError ? document.body.dataset.offline : error.message);
    return false;
  }
}

function complain(pane, text) {
  const line = $(".wrong", pane);
  line.textContent = text;
  line.hidden = !text;
}

// What is new

const refreshing = new Map(); // pane id -> whether it has to be looked at once more

async function refresh(id) {
  if (refreshing.has(id)) return refreshing.set(id, true);
  do {
    refreshing.set(id, false);
    try {
      merge($(`#pane-${id}`), await fragment(id, $(`#pane-${id}`).dataset.account));
    } catch {
      setTimeout(() => refresh(id), AGAIN);
      break;
    }
  } while (refreshing.get(id));
  refreshing.delete(id);
}

async function fragment(id, account) {
  const response = await fetch(`/preview/pane/${id}?account=${account}`);
  if (!response.ok) throw new Error(response.status);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return $(".pane", page);
}

function below(log) {
  return log.scrollHeight - log.scrollTop - log.clientHeight;
}

function merge(pane, fresh) {
  if (pane.dataset.account !== fresh.dataset.account) return;
  const log = $(".log", pane);
  const following = below(log) < NEAR;
  const was = new Map([...log.children].map((item) => [item.id, item]));
  let grown = false;
  const items = [...$(".log", fresh).children].map((item) => {
    const old = was.get(item.id);
    if (old?.isEqualNode(item)) return old;
    grown ||= !old;
    const taken = document.adoptNode(item);
    keepMoving(taken, old);
    return taken;
  });
  const focused = log.contains(document.activeElement) && document.activeElement.closest("li[id]")?.id;
  const kept = new Set(items);
  for (const old of was.values()) if (!kept.has(old)) old.remove();
  items.forEach((item, n) => {
    if (log.children[n] !== item) log.insertBefore(item, log.children[n] ?? null);
  });
  if (focused && !log.contains(document.activeElement)) (document.getElementById(focused) ?? log).focus();
  if (following) log.scrollTop = log.scrollHeight;
  if (grown && getComputedStyle(pane).display === "none") dot(pane.dataset.pane, true);
}

// A GIF cannot be stopped, only put away. It is shown at once unless less motion is asked for, and then as it was left.
function keepMoving(root, old) {
  const were = old ? [...old.querySelectorAll(".moving input")] : [];
  root.querySelectorAll(".moving input").forEach((box, n) => {
    box.checked = were[n]?.checked ?? !STILL.matches;
  });
}

async function speakAs(pane, account) {
  const draft = $(".composer textarea", pane).value;
  try {
    const fresh = document.adoptNode(await fragment(pane.dataset.pane, account));
    keepMoving(fresh);
    fresh.toggleAttribute("data-shown", pane.hasAttribute("data-shown"));
    pane.replaceWith(fresh);
    $(".composer textarea", fresh).value = draft;
    $(".as select", fresh).focus();
    $(".log", fresh).scrollTop = $(".log", fresh).scrollHeight;
  } catch {
    $(".as select", pane).value = pane.dataset.account;
    complain(pane, document.body.dataset.offline);
  }
}

function listen(since) {
  const stream = new EventSource(`/preview/events?since=${since}`);
  let last = since;
  stream.onmessage = (event) => {
    notice("");
    last = event.lastEventId;
    const { places, now } = JSON.parse(event.data);
    setClock(now);
    for (const pane of document.querySelectorAll(".pane")) {
      if (places.includes(pane.dataset.place)) refresh(pane.dataset.pane);
    }
  };
  stream.addEventListener("restart", () => location.reload());
  stream.onerror = () => {
    notice(document.body.dataset.offline);
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => listen(last), AGAIN);
  };
}

function notice(text) {
  $("#notice").textContent = text;
  $("#notice").hidden = !text;
}

// The clock

let ahead = 0; // milliseconds between Unsent's clock and the browser's

function setClock(now) {
  ahead = new Date(now) - Date.now();
  tick();
}

function tick() {
  const now = new Date(Date.now() + ahead);
  const show = (zone) =>
    now.toLocaleString(document.documentElement.lang, {
      weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...zone,
    });
  $("#utc").textContent = show({ timeZone: "UTC" });
  $("#local").textContent = show({});
}

async function moveClock(button) {
  let minutes = Number(button.dataset.minutes);
  if (button.dataset.morning) {
    const now = new Date(Date.now() + ahead);
    const morning = new Date(now);
    morning.setDate(now.getDate() + 1);
    morning.setHours(Number(button.dataset.morning), 0, 0, 0);
    minutes = Math.ceil((morning - now) / 60000);
  }
  try {
    setClock((await post("clock", { minutes })).now);
  } catch {
    notice(document.body.dataset.failed);
  }
}

// Forms

function openSheet(pane, html, message) {
  const sheet = $(".sheet", pane);
  sheet.innerHTML = html; // rendered and escaped by the server
  sheet.hidden = false;
  if (message) $("form", sheet).dataset.message = message;
  pane.classList.add("asking");
  $(".log", pane).scrollTop = $(".log", pane).scrollHeight;
  $("input, textarea, select", sheet).focus();
}

function closeSheet(pane) {
  $(".sheet", pane).replaceChildren();
  $(".sheet", pane).hidden = true;
  pane.classList.remove("asking");
  $(".composer textarea", pane).focus();
}

async function sendSheet(pane, form) {
  const values = Object.fromEntries(new FormData(form));
  const { form: id, message } = form.dataset;
  const button = $(".send", form);
  button.disabled = true;
  const taken = await act(pane, "submit", { form: id, message, values });
  button.disabled = false;
  if (taken && form.isConnected) closeSheet(pane);
}

// What is typed

async function say(pane, text) {
  const input = $(".composer textarea", pane);
  if (!text.trim()) return;
  input.value = "";
  suggest(pane);
  $(".log", pane).scrollTop = $(".log", pane).scrollHeight;
  if (!(await act(pane, "say", { text })) && !input.value) input.value = text;
}

function suggest(pane) {
  const input = $(".composer textarea", pane);
  const list = $(".commands", pane);
  const typed = /^\/(\w*)$/.exec(input.value);
  let first = true;
  for (const option of list.children) {
    option.hidden = !typed || !option.dataset.name.startsWith(typed[1].toLowerCase());
    option.setAttribute("aria-selected", String(!option.hidden && first));
    first &&= option.hidden;
  }
  list.hidden = first;
  list.scrollTop = 0;
  point(pane);
}

function point(pane) {
  const chosen = $(".commands:not([hidden]) [aria-selected=true]", pane);
  const input = $(".composer textarea", pane);
  if (chosen) input.setAttribute("aria-activedescendant", chosen.id);
  else input.removeAttribute("aria-activedescendant");
  chosen?.scrollIntoView({ block: "nearest" });
}

function step(pane, by) {
  const options = [...pane.querySelectorAll(".commands li:not([hidden])")];
  const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
  options[at].setAttribute("aria-selected", "false");
  options[(at + by + options.length) % options.length].setAttribute("aria-selected", "true");
  point(pane);
}

function complete(pane, option) {
  const input = $(".composer textarea", pane);
  if (option.dataset.params === "0") return say(pane, `/${option.dataset.name}`);
  input.value = `/${option.dataset.name} `;
  suggest(pane);
  input.focus();
}

function typing(event) {
  const pane = paneOf(event.target);
  const chosen = $(".commands:not([hidden]) [aria-selected=true]", pane);
  const { key } = event;
  if (event.isComposing) return;
  if (chosen && (key === "ArrowDown" || key === "ArrowUp")) step(pane, key === "ArrowDown" ? 1 : -1);
  else if (chosen && key === "Escape") $(".commands", pane).hidden = true;
  else if (chosen && key === "Tab" && !event.shiftKey) complete(pane, chosen);
  else if (key === "Enter" && !event.shiftKey) {
    if (chosen && event.target.value !== `/${chosen.dataset.name}`) complete(pane, chosen);
    else say(pane, event.target.value);
  } else return;
  event.preventDefault();
}

// Tabs, on a narrow page

function showPane(id) {
  for (const pane of document.querySelectorAll(".pane")) pane.toggleAttribute("data-shown", pane.dataset.pane === id);
  for (const tab of document.querySelectorAll("[data-tab]")) {
    tab.setAttribute("aria-current", String(tab.dataset.tab === id));
  }
  dot(id, false);
  const log = $(`#pane-${id} .log`);
  log.scrollTop = log.scrollHeight;
}

function dot(id, on) {
  $(`[data-tab="${id}"] .dot`).hidden = !on;
}

// Everything that is pressed, typed and sent

document.addEventListener("click", (event) => {
  const option = event.target.closest(".commands li");
  if (option) return complete(paneOf(option), option);
  const button = event.target.closest("button");
  const pane = paneOf(event.target);
  for (const list of document.querySelectorAll(".commands")) list.hidden ||= !list.parentElement.contains(event.target);
  if (!button) return;
  const message = button.closest(".message")?.dataset.message;
  if (button.dataset.tab) showPane(button.dataset.tab);
  else if (button.closest(".moves")) moveClock(button);
  else if (button.matches(".open-commands")) {
    const input = $(".composer textarea", pane);
    if (!input.value) input.value = "/";
    suggest(pane);
    input.focus();
  } else if (button.matches(".cancel")) closeSheet(pane);
  else if (button.matches(".dismiss")) act(pane, "dismiss", { message });
  else if (button.dataset.press) act(pane, "press", { message, id: button.dataset.press });
  else if (button.dataset.choose) {
    const value = button.value || $("select", button.parentElement).value;
    if (value) act(pane, "choose", { message, id: button.dataset.choose, value });
  }
});

document.addEventListener("submit", (event) => {
  event.preventDefault();
  const pane = paneOf(event.target);
  if (event.target.matches(".composer")) say(pane, $("textarea", event.target).value);
  else sendSheet(pane, event.target);
});

document.addEventListener("input", (event) => {
  const field = event.target;
  if (field.closest(".composer")) return suggest(paneOf(field));
  const count = field.closest(".field") && $(".count", field.closest(".field"));
  if (count) count.textContent = `${field.value.length} / ${field.maxLength}`;
});

document.addEventListener("change", (event) => {
  if (event.target.closest(".moving")) event.target.closest("figure").scrollIntoView({ block: "nearest" });
  if (event.target.closest(".as")) speakAs(paneOf(event.target), event.target.value);
});

// A picture has no height until it is there: a log that follows what is new follows that, too.
document.addEventListener("load", ({ target }) => {
  const log = target instanceof Element && target.closest(".log");
  if (log && below(log) < NEAR + target.height) log.scrollTop = log.scrollHeight;
}, true);

document.addEventListener("keydown", (event) => {
  if (event.target.matches(".composer textarea")) typing(event);
  else if (event.key === "Escape" && event.target.closest(".sheet")) closeSheet(paneOf(event.target));
});

keepMoving(document);
STILL.addEventListener("change", () => keepMoving(document));
for (const log of document.querySelectorAll(".log")) log.scrollTop = log.scrollHeight;
showPane("robin");
setClock($("#clock").dateTime);
setInterval(tick, 1000);
listen(meta("version"));
