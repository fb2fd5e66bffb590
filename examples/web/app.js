// The page: what a person sees and presses.
import { CLIENT_ID } from "./config.js";
import { LANGUAGE, LOCALE, messages, translatePage } from "./messages.js";
import * as session from "./session.js";
import { signInAtProvider } from "./social.js";

const MAX_CALLS = 8;
const TIME = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeStyle: "short" });

const byId = (id) => document.getElementById(id);

onClick("continue", async () => {
  const isNew = await session.convert(await signInAtProvider());
  showProfile(await session.userInfo());
  await showDevices();
  return isNew ? messages.created : messages.welcomeBack;
});

onClick("sign-out", async () => {
  await session.signOut();
  return messages.signedOutHere;
});

onClick("refresh", async () => {
  await showDevices();
  return "";
});

onClick("end-others", async () => {
  await session.signOutOthers();
  await showDevices();
  return messages.othersSignedOut;
});

onClick("end-all", async () => {
  await session.signOutEverywhere();
  return messages.allSignedOut;
});

session.calls.addEventListener("call", ({ detail }) => showCall(detail));
translatePage();
showView();

function onClick(id, action) {
  byId(id).addEventListener("click", () => run(action));
}

/** Shows what has come of an action: its message, or its error. */
async function run(action) {
  showMessage("");
  try {
    showMessage(await action());
  } catch (error) {
    showError(error);
  }
  const isOther = byId("signed-in").hidden === session.isSignedIn();
  showView();
  if (isOther) {
    document.querySelector("h1:not([hidden] *)").focus();
  }
}

/** A refused call may have told that the session has ended. */
function showView() {
  byId("signed-in").hidden = !session.isSignedIn();
  byId("signed-out").hidden = session.isSignedIn();
}

function showProfile(person) {
  byId("name").textContent = person.name ?? person.preferred_username;
  const rows = {
    [messages.email]: person.email,
    [messages.username]: person.preferred_username,
    [messages.subject]: person.sub,
  };
  byId("profile").replaceChildren(
    ...Object.entries(rows)
      .filter(([, value]) => value)
      .flatMap(([term, value]) => [element("dt", term), element("dd", value)]),
  );
}

/** Shows this device first. */
async function showDevices() {
  const sessions = (await session.sessions()).sort((one, other) => other.current - one.current);
  byId("devices").replaceChildren(...sessions.map(device));
  byId("end-others").disabled = sessions.every(({ current }) => current);
}

function device({ id, ip_address: address, backend, started, last_used: used, current }) {
  const item = byId("device").content.cloneNode(true);
  const button = item.querySelector("button");
  item.querySelector(".address").textContent = address;
  item.querySelector(".badge").hidden = !current;
  item.querySelector(".signed-in").textContent = messages.signedIn(backend);
  setTime(item.querySelector(".started"), started);
  setTime(item.querySelector(".used"), used);
  button.hidden = current;
  button.setAttribute("aria-label", messages.signOutDevice(address, TIME.format(started * 1000)));
  button.addEventListener("click", () =>
    run(async () => {
      await session.signOutDevice(id);
      await showDevices();
      byId("devices-heading").focus();
      return messages.deviceSignedOut;
    }),
  );
  return item;
}

/** @param seconds since 1970 */
function setTime(time, seconds) {
  const date = new Date(seconds * 1000);
  time.dateTime = date.toISOString();
  time.textContent = TIME.format(date);
}

function showCall({ method, path, status }) {
  const list = byId("calls").querySelector("ol");
  const item = element("li", `${method} ${path} `);
  item.append(element("strong", status ?? messages.noAnswer));
  list.append(item);
  while (list.children.length > MAX_CALLS) {
    list.firstChild.remove();
  }
  byId("calls").hidden = false;
}

function showMessage(text) {
  byId("status").textContent = text;
  byId("error").replaceChildren();
}

/** @param error no answer, a refusal of the realm, an error of the provider, or the browser's word that there was no popup */
function showError(error) {
  byId("status").textContent = "";
  if (error instanceof session.Unanswered) {
    showAlert(LANGUAGE, messages.noAnswer, messages.unreachable(location.origin, CLIENT_ID));
  } else {
    showAlert("en", error.error ?? messages.error, error.error_description ?? error.message);
  }
}

/** @param language of the description */
function showAlert(language, title, description) {
  const text = element("span", description);
  text.lang = language;
  byId("error").replaceChildren(element("strong", title), text);
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
