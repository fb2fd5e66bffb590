// What the page says, in each of its languages. The browser's list of languages decides.
export const MESSAGES = {
  en: {
    title: "Sign in with Social",
    about: "Web sample of Keycloak Convert Token",
    signIn: "Sign in",
    introduction: "You already have an account at Social. Use it here, without another password.",
    continue: "Continue with Social",
    hint: "A window of Social opens. In the demo, bob and carol have accounts there. Their passwords are their names.",
    signingIn: "Signing you in. This window closes by itself.",
    created: "Your account was created.",
    welcomeBack: "Welcome back.",
    email: "E-mail",
    username: "User name",
    subject: "Subject",
    devices: "Your devices",
    refresh: "Refresh",
    thisDevice: "This device",
    signedIn: (backend) => (backend ? `Signed in with ${backend} on` : "Signed in on"),
    lastUsed: "Last used on",
    signOut: "Sign out",
    signOutDevice: (address, time) => `Sign out ${address}, signed in ${time}`,
    signOutHere: "Sign out here",
    signOutOthers: "Sign out the other devices",
    signOutEverywhere: "Sign out everywhere",
    signedOutHere: "You are signed out here. Your other devices stay signed in.",
    deviceSignedOut: "The device is signed out.",
    othersSignedOut: "The other devices are signed out.",
    allSignedOut: "You are signed out on all devices.",
    calls: "Calls to Keycloak",
    error: "Error",
    noAnswer: "no answer",
    unreachable: (origin, client) =>
      `The realm cannot be reached, or ${origin} is not one of the Web origins of the client ${client}.`,
  },
  de: {
    title: "Mit Social anmelden",
    about: "Webbeispiel zu Keycloak Convert Token",
    signIn: "Anmelden",
    introduction: "Sie haben bereits ein Konto bei Social. Verwenden Sie es hier, ohne ein weiteres Passwort.",
    continue: "Weiter mit Social",
    hint: "Es öffnet sich ein Fenster von Social. In der Demo haben bob und carol dort Konten. Ihr Name ist auch ihr Passwort.",
    signingIn: "Sie werden angemeldet. Dieses Fenster schließt sich von selbst.",
    created: "Ihr Konto wurde angelegt.",
    welcomeBack: "Willkommen zurück.",
    email: "E-Mail",
    username: "Benutzername",
    subject: "Subject",
    devices: "Ihre Geräte",
    refresh: "Aktualisieren",
    thisDevice: "Dieses Gerät",
    signedIn: (backend) => (backend ? `Mit ${backend} angemeldet am` : "Angemeldet am"),
    lastUsed: "Zuletzt verwendet am",
    signOut: "Abmelden",
    signOutDevice: (address, time) => `Abmelden: ${address}, angemeldet am ${time}`,
    signOutHere: "Hier abmelden",
    signOutOthers: "Andere Geräte abmelden",
    signOutEverywhere: "Überall abmelden",
    signedOutHere: "Sie sind hier abgemeldet. Ihre anderen Geräte bleiben angemeldet.",
    deviceSignedOut: "Das Gerät ist abgemeldet.",
    othersSignedOut: "Die anderen Geräte sind abgemeldet.",
    allSignedOut: "Sie sind auf allen Geräten abgemeldet.",
    calls: "Aufrufe an Keycloak",
    error: "Fehler",
    noAnswer: "keine Antwort",
    unreachable: (origin, client) =>
      `Der Realm ist nicht zu erreichen, oder ${origin} gehört nicht zu den Web-Origins des Clients ${client}.`,
  },
};

const languageOf = (locale) => locale.split("-")[0];

/** The first of the browser's languages that the page speaks, with its region where it has one, such as de-AT. */
export const LOCALE = navigator.languages.find((locale) => Object.hasOwn(MESSAGES, languageOf(locale))) ?? "en";
export const LANGUAGE = languageOf(LOCALE);

export const messages = MESSAGES[LANGUAGE];

/** Fills in the messages that the page names in data-message, in its templates too. */
export function translatePage() {
  document.documentElement.lang = LANGUAGE;
  const templates = Array.from(document.querySelectorAll("template"), (template) => template.content);
  for (const part of [document, ...templates]) {
    for (const element of part.querySelectorAll("[data-message]")) {
      element.textContent = messages[element.dataset.message];
    }
  }
}
