// The page of the echo sample: one WebSocket at a time, its state and a log of what went over it.
// Everything a peer or a user supplies reaches the page through textContent, never as markup.

const element = (id) => document.getElementById(id);
const statePill = element("statePill");
const stateLabel = element("stateLabel");
const connectionUrl = element("connectionUrl");
const connectButton = element("connectButton");
const endpoints = element("endpoints");
const urlError = element("urlError");
const sendMessage = element("sendMessage");
const sendButton = element("sendButton");
const closeButton = element("closeButton");
const sendError = element("sendError");
const logPanel = element("logPanel");
const commsLog = element("commsLog");
const emptyLog = element("emptyLog");

const maxRows = 1000; // the oldest rows go first, so that a long session does not fill the browser's memory
const pageBase = (location.protocol === "https:" ? "wss://" : "ws://") + location.host;
const states = new Map([
  [WebSocket.CONNECTING, { name: "connecting", text: "Connecting..." }],
  [WebSocket.OPEN, { name: "open", text: "Open" }],
  [WebSocket.CLOSING, { name: "closing", text: "Closing..." }],
  [WebSocket.CLOSED, { name: "closed", text: "Closed" }],
]);

let socket = null;
const counts = { sent: 0, received: 0 };

function updateState() {
  const readyState = socket ? socket.readyState : WebSocket.CLOSED;
  if (socket) {
    const state = states.get(readyState) ?? { name: "closed", text: `Unknown WebSocket State: ${readyState}` };
    statePill.dataset.state = stateLabel.dataset.state = state.name;
    stateLabel.textContent = state.text;
  }
  const isOpen = readyState === WebSocket.OPEN;
  const isClosed = readyState === WebSocket.CLOSED;
  for (const control of [sendMessage, sendButton, closeButton]) control.disabled = !isOpen;
  for (const control of [connectionUrl, connectButton, endpoints]) control.disabled = !isClosed;
}

// ---- the log

function addRow(...cells) {
  const followsNewest = logPanel.scrollHeight - logPanel.scrollTop - logPanel.clientHeight < 32;
  const row = commsLog.insertRow();
  row.title = new Date().toLocaleTimeString();
  for (const { text, className, span = 1 } of cells) {
    const cell = row.insertCell();
    cell.className = className;
    cell.colSpan = span;
    cell.dir = "auto";
    cell.textContent = text;
  }
  if (commsLog.rows.length > maxRows) commsLog.deleteRow(0);
  emptyLog.hidden = true;
  if (followsNewest) logPanel.scrollTop = logPanel.scrollHeight;
}

function addNotice(text) {
  addRow({ text, className: "commslog-notice", span: 3 });
}

function addMessage(direction, from, to, data) {
  const text = typeof data === "string" ? data : `[binary, ${data.byteLength} bytes]`;
  addRow(
    { text: from, className: `commslog-${from.toLowerCase()}` },
    { text: to, className: `commslog-${to.toLowerCase()}` },
    { text, className: "commslog-data" },
  );
  counts[direction] += 1;
  showCounts();
}

function showCounts() {
  element("sentCount").textContent = counts.sent;
  element("receivedCount").textContent = counts.received;
}

function clearLog() {
  commsLog.replaceChildren();
  emptyLog.hidden = false;
  counts.sent = counts.received = 0;
  showCounts();
}

// ---- the connection

// What carries the socket only the server can tell: a connection of its own, or a stream of HTTP/2.
async function showCarrier(opened, id) {
  const answer = await fetch(`/sockets/${id}`).catch(() => null);
  if (!answer?.ok || socket !== opened || opened.readyState !== WebSocket.OPEN) return;
  const { method, protocol, tls } = await answer.json();
  const how = method === "CONNECT" ? "on a stream of a shared connection" : "on a connection of its own";
  element("carrierLabel").textContent = `Over ${protocol}, ${how}${tls ? `, with ${tls}` : ""}`;
}

function showUrlError(text) {
  urlError.textContent = text;
  connectionUrl.setAttribute("aria-invalid", text !== "");
}

function urlProblem(text) {
  if (text === "") return "Enter the URL of a WebSocket server.";
  if (!/^wss?:\/\//i.test(text)) return "A WebSocket URL starts with ws:// or wss://.";
  return URL.canParse?.(text) === false ? "This is not a valid URL." : "";
}

function connect() {
  const url = connectionUrl.value.trim();
  showUrlError(urlProblem(url));
  sendError.textContent = "";
  if (urlError.textContent !== "") return connectionUrl.focus();
  const isOwn = url.startsWith(`${pageBase}/`) && !url.includes("?");
  const id = isOwn ? Array.from(crypto.getRandomValues(new Uint32Array(4)), String).join("-") : "";
  try {
    socket = new WebSocket(isOwn ? `${url}?socket=${id}` : url);
  } catch (error) {
    // What is left: the browser's own rules, such as no ws:// from an https:// page.
    showUrlError(`The browser refuses this URL: ${error.message}`);
    return connectionUrl.focus();
  }
  updateState();

  let wasOpen = false;
  const opened = socket;
  socket.binaryType = "arraybuffer";
  socket.onopen = () => {
    wasOpen = true;
    updateState();
    addNotice("Connection opened");
    sendMessage.focus();
    if (isOwn) showCarrier(opened, id);
  };
  socket.onmessage = (event) => addMessage("received", "Server", "Client", event.data);
  socket.onerror = updateState;
  socket.onclose = (event) => {
    updateState();
    element("carrierLabel").textContent = "";
    addNotice(`Connection closed. Code: ${event.code}. Reason: ${event.reason}`);
    if (!wasOpen) showUrlError("Could not connect: no WebSocket server answered at this URL.");
    // The control that had the focus has just been disabled: do not leave the keyboard user nowhere.
    if (document.activeElement === document.body || element("sendForm").contains(document.activeElement)) {
      connectButton.focus();
    }
  };
}

function withOpenSocket(action) {
  const isOpen = socket?.readyState === WebSocket.OPEN;
  sendError.textContent = isOpen ? "" : "socket not connected";
  if (isOpen) action();
}

function send() {
  socket.send(sendMessage.value);
  addMessage("sent", "Client", "Server", sendMessage.value);
  logPanel.scrollTop = logPanel.scrollHeight;
  sendMessage.focus();
  sendMessage.select(); // Enter sends it again, typing replaces it
}

function close() {
  socket.close(1000, "Closing from client");
  updateState();
}

// ---- the controls

function markEndpoint() {
  const url = connectionUrl.value.trim();
  for (const radio of endpoints.elements) radio.checked = pageBase + radio.value === url;
}

function onSubmit(form, action) {
  element(form).addEventListener("submit", (event) => {
    event.preventDefault();
    action();
  });
}

onSubmit("connectForm", connect);
onSubmit("sendForm", () => withOpenSocket(send));
closeButton.addEventListener("click", () => withOpenSocket(close));
element("clearButton").addEventListener("click", clearLog);
connectionUrl.addEventListener("input", () => {
  showUrlError("");
  markEndpoint();
});
endpoints.addEventListener("change", (event) => {
  showUrlError("");
  connectionUrl.value = pageBase + event.target.value;
});

connectionUrl.value = `${pageBase}/ws`;
markEndpoint();
updateState();
